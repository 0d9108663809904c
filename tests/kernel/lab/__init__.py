# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts with the kernel's own TCP, a wire between them that obeys, and cameras at its ends."""
