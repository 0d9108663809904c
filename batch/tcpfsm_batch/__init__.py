# SPDX-License-Identifier: GPL-2.0-or-later
"""Many captures, one answer: what lies in a results folder is described in ../RESULTS.md."""

FORMAT = "1"    # of the results; another one makes all results anew
