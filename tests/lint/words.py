#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: words.py SOURCE_FOLDER | --self-test

Every text that a user reads stands in plugin/wireshark/words/words.def. Says which string of the plugin's
other files reads like a sentence (a blank between two lower-case words), and which text of words.def nobody
uses.
"""
import pathlib
import re
import sys
import tempfile

WORDS = pathlib.PurePath("plugin/wireshark/words/words.def")
SENTENCE = re.compile(r"[a-z][,;:)]? \(?[a-z]|%\w+ [a-z]{2}|[a-z]{2} %")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
COMMENT = re.compile(r"/\*.*?\*/", re.S)
DEFINITION = re.compile(r'^#define (WORDS_\w+)(?: "|\b(?! *"))', re.M)

# What no user of Wireshark reads. A file that needs it no longer is to be taken out.
EXEMPT = {
    "plugin/engine/thresholds.def": "why a number was chosen: documentation of the code",
    "plugin/engine/judge/pardons.def": "why a verdict is withheld: documentation of the code",
    "plugin/engine/tell/names.def": "values that filters compare with, which never change",
    "plugin/engine/tell/verdicts.def": "values that filters compare with, which never change",
    "plugin/engine/endpoint/": "broken invariants, which only tests can see",
    "plugin/engine/summary/timeout_finding.c": "broken invariants, which only tests can see",
}
# Calls whose strings only developers read.
DEVELOPERS = re.compile(r"\b(?:_Static_assert|ws_info|ws_debug|ws_assert)\b[^;]*;")


# Of Graphviz and its tables, and names of numbers: tags, attribute=value.
MARKUP = re.compile(r'<[^>]*>?|\w+=(?:\\\\"[^" ]*\\\\"|[\w.%#]+)')


def without(pattern, text):
    """The text with what matches blanked out, line by line."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def sentences(text):
    """(line number, sentence) of each string that reads like one."""
    code = without(DEVELOPERS, without(COMMENT, text))
    for match in LITERAL.finditer(code):
        if SENTENCE.search(MARKUP.sub("", match[1])):
            yield code.count("\n", 0, match.start()) + 1, match[1]


def faults(root):
    used = set()
    rest = ""
    for path in sorted((root / "plugin").rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix not in (".c", ".h", ".def") or name == str(WORDS):
            continue
        text = path.read_text(encoding="utf-8")
        rest += text
        found = list(sentences(text))
        exempt = [prefix for prefix in EXEMPT if name.startswith(prefix)]
        used |= {prefix for prefix in exempt if found}
        if not exempt:
            yield from ("%s:%d: belongs into %s: \"%s\"" % (name, line, WORDS, sentence)
                        for line, sentence in found)
    yield from ("%s: no sentence is left there, take it off the list in lint/words.py" % prefix
                for prefix in EXEMPT if prefix not in used and (root / prefix).exists())
    scripts = "".join(path.read_text(encoding="utf-8") for path in (root / "scripts/lib").glob("*.py"))
    yield from unused((root / WORDS).read_text(encoding="utf-8"), rest, scripts)


def unused(words, code, scripts):
    """Texts that no code names, whole or put together by ##, and no script by the beginning of the name."""
    bodies = re.sub(r"^#define \w+", "", words, flags=re.M)
    tokens = set(re.findall(r"\w+", code + bodies))
    pasted = set(re.findall(r"\b(WORDS_\w*)##", code))
    pasted |= {"WORDS_" + start for start in re.findall(r"\bsaid(?:\.get\(|\[)\"([A-Z_]+_)\" \+", scripts)}
    for match in DEFINITION.finditer(words):
        name = match[1]
        if name not in tokens and not any(name.startswith(start) and name[len(start):] in tokens
                                          for start in pasted):
            yield "%s:%d: nobody uses %s" % (WORDS, words.count("\n", 0, match.start()) + 1, name)


def self_test():
    """Each fault is found where it is, and nothing else."""
    words = '#define WORDS_A "it opens"\n#define WORDS_ROW_B "it closes"\n#define WORDS_C "never said"\n'
    good = ('f(WORDS_A, "%s", "frame.number", "SYN-ACK"); /* "as it is said" */\n'
            '#define X(id) WORDS_##id\nX(ROW_B)\n')
    cases = [
        (good + "WORDS_C;\n", []),
        (good, ["%s:3: nobody uses WORDS_C" % WORDS]),
        (good + 'WORDS_C; f("the server\\n");\n', ['plugin/a.c:4: belongs into %s: "the server\\n"' % WORDS]),
        (good + 'WORDS_C; f(", %s owes %s");\n', ['plugin/a.c:4: belongs into %s: ", %%s owes %%s"' % WORDS]),
        (good + 'WORDS_C;\n_Static_assert(sizeof(x) == 4,\n               "no padding at all");\n', []),
        (good + 'WORDS_C; ws_info("%u of them",\n  n); f("of them");\n',
         ['plugin/a.c:5: belongs into %s: "of them"' % WORDS]),
    ]
    wrong = 0
    for text, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / WORDS).parent.mkdir(parents=True)
            (root / WORDS).write_text(words, encoding="utf-8")
            (root / "plugin/a.c").write_text(text, encoding="utf-8")
            found = list(faults(root))
        if found != expected:
            print("found %s, expected %s" % (found, expected))
            wrong += 1
    return wrong


def main():
    if sys.argv[1] == "--self-test":
        return 1 if self_test() else 0
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
