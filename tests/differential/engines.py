# SPDX-License-Identifier: GPL-2.0-or-later
"""The two engines and the programs that compare them: what is compiled of which sources?"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

from compiling import digest_of

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CURRENT = ROOT             # the tree that is compared with the reference; see --tree
REFERENCE = "426c49d"
FORMS = ["side.c", "form_observation.c", "form_account.c", "form_tables.c"]
SHADOW = ["shadow.c", "report.c", "loading.c"]


def declared():
    return sorted((HERE / "declared").glob("*.patch"))


def apply(patch, tree, context=()):
    """Whether it could be applied. Without a look at the repository that the tree may lie in."""
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    return subprocess.run(["git", "apply", *context, str(patch)], cwd=tree, env=environment,
                          check=False).returncode == 0


def reference_tree(work, patches, deliberate=None):
    """The reference's sources with these patches, in a folder of their own. None: the deliberate one doesn't
    fit any more."""
    texts = [patch.read_text() for patch in [*patches, *([deliberate] if deliberate else [])]]
    tree = work / "reference" / digest_of(REFERENCE, *texts)
    if (tree / ".complete").exists():
        return tree
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", REFERENCE, "--", ":!tests", ":!sample-captures"], cwd=ROOT,
                             stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=tree, input=archive, check=True)
    for patch in patches:
        if not apply(patch, tree):
            sys.exit("%s can't be applied to %s and the patches before it" % (patch.name, REFERENCE))
    if deliberate and not apply(deliberate, tree, ["-C1"]):
        return None
    (tree / ".complete").touch()
    return tree


def sources_below(tree, folder):
    return sorted(str(path.relative_to(tree)) for path in (tree / folder).rglob("*.c"))


def includes(*folders):
    return ["-I%s" % folder for folder in folders]


def side(compiler, tree, name, output, more):
    """The shared object of the engine in `tree`, driven by names_<name>.h."""
    engine = compiler.objects(tree, sources_below(tree, "plugin/engine"), includes("plugin/engine"))
    options = [*includes("plugin/engine", HERE), '-DNAMES="names_%s.h"' % name, *more]
    forms = compiler.objects(tree, [str(HERE / source) for source in FORMS], options)
    return compiler.link(output, [*engine, *forms], ["-shared", "-Wl,-z,defs"])


def listening():
    """What makes a program's calls of the engine calls of the shadow."""
    text = (HERE / "names_current.h").read_text()
    names = re.findall(r"^#define LISTEN_\w+ (\w+)$", text, re.M)
    return ["-Wl,--wrap=%s" % name for name in names]


def program(compiler, work, name, folder, sources, tools=()):
    """A test program of this tree, linked with its engine and the shadow."""
    engine = compiler.objects(CURRENT, sources_below(CURRENT, "plugin/engine"), includes("plugin/engine"))
    own = compiler.objects(CURRENT, sources, includes("plugin/engine", folder))
    tool = [str(HERE / source) for source in [*SHADOW, *tools]]
    shadow = compiler.objects(CURRENT, tool, includes("plugin/engine", HERE, folder))
    cells = ["-Wl,--wrap=fsm_step"] if any(source.endswith("/cells.c") for source in sources) else []
    return compiler.link(work / name, [*engine, *own, *shadow], [*listening(), *cells, "-ldl"])


def programs(compiler, work):
    """By the kind of what they compare."""
    return {
        "scenarios": program(compiler, work, "scenario_rig", "tests/rig",
                             sources_below(CURRENT, "tests/rig")),
        "simulation": program(compiler, work, "simulation", "tests/simulation",
                              sources_below(CURRENT, "tests/simulation")),
        "stories": program(compiler, work, "stories", "tests/fuzz", ["tests/fuzz/story.c"],
                           ["stories.c", "plot.c"]),
        "tables": compiler.link(work / "tables",
                                compiler.objects(CURRENT, [str(HERE / "tables.c"), str(HERE / "loading.c")],
                                                 includes(HERE)), ["-ldl"]),
    }
