# SPDX-License-Identifier: GPL-2.0-or-later
"""From the results of a folder to tables, answers and a report."""
