# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be changed in the engine's sources, and a copy of them with all these changes at once."""
import re

SUFFIXES = {".c", ".h", ".def"}
THRESHOLDS = "thresholds.def"

# Tables whose first row that applies decides: the macro of a row, the column that holds a set of bits if any,
# and those that name predicates, counted from 0; all have to hold. Any other macro ..._RULE is as SEQ_RULE.
TABLES = {
    "SEQ_RULE": (None, (1,)),
    "PARDON": (None, (1,)),
    "ACK_RULE": (1, (2,)),
    "ROUTE": (1, (2, 3)),
}
ALWAYS_TRUE = re.compile(r"\b(\w+)\([^()]*\)\s*\{\s*(?:\(void\)\w+;\s*)*return true;\s*\}")
WHOLE_SETS = {"ANY", "ALL"}

FACTORS = (("* 2", "((%s) * 2)"), ("/ 2", "((%s) / 2)"), ("* 4", "((%s) * 4)"), ("/ 4", "((%s) / 4)"))

TOKEN = re.compile(r"""
    (?P<skip> \s+ | /\*.*?\*/ | //[^\n]* | \#(?: \\\n | /\*.*?\*/ | [^\n] )* )
  | (?P<word> [A-Za-z_]\w* | \.?\d(?: [eEpP][+-] | [\w.] )* )
  | (?P<text> "(?: \\. | [^"\\] )*" | '(?: \\. | [^'\\] )*' )
  | (?P<mark> \.\.\. | <<= | >>= | -> | \+\+ | -- | && | \|\| | [-+*/%&|^<>=!]= | << | >> | . )
    """, re.S | re.X)
INT_MAX = 2**31 - 1  # of an enumerator
CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
ENDS_EXPRESSION = {";", ",", "?", ":", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=",
                   "return", "case", "default", "else", "do", "goto"}
CONDITIONALS = {"if", "while", "for", "switch"}
CONSTANT = {"static", "_Static_assert", "static_assert"}
DEFINITIONS = {"enum", "struct", "union"}


class Mutant:
    """One change: `wraps` are (start, end, text before, text behind) of the file, at the mutant's switch."""

    def __init__(self, kind, file, line, function, text, wraps, value=None):
        self.kind, self.file, self.line, self.function = kind, file, line, function
        self.text, self.wraps, self.value = text, wraps, value
        self.number = 0

    def key(self):
        """The same as long as the code is: no line numbers."""
        return "%s %s: %s" % (self.file, self.function, self.text)

    def place(self):
        return "%s:%d" % (self.file, self.line)


class Token:
    def __init__(self, text, start, end):
        self.text, self.start, self.end, self.items = text, start, end, None


class Group(Token):
    """What stands between brackets."""

    def __init__(self, text, start, end, items):
        super().__init__(text, start, end)
        self.items = items


def tokens_of(source):
    return [Token(match[0], *match.span()) for match in TOKEN.finditer(source) if not match["skip"]]


def grouped(tokens):
    """A tree of the brackets."""
    stack = [("", 0, [])]
    for token in tokens:
        if token.text in CLOSED_BY:
            stack.append((token.text, token.start, []))
        elif len(stack) > 1 and token.text == CLOSED_BY[stack[-1][0]]:
            opened, start, items = stack.pop()
            stack[-1][2].append(Group(opened, start, token.end, items))
        else:
            stack[-1][2].append(token)
    return stack[0][2]


def plain(source, start, end):
    """The text without comments, on one line."""
    return " ".join(re.sub(r"/\*.*?\*/", " ", source[start:end], flags=re.S).split())


def behind_constant(items, at):
    """The index behind what the compiler works out: a static object, an assertion, a type."""
    if items[at].text in CONSTANT:
        while at < len(items) and items[at].text != ";":
            at += 1
    elif items[at].text in DEFINITIONS:
        body = [item.text for item in items[at + 1:at + 3]]
        return at + 1 + body.index("{") + 1 if "{" in body else at
    return at


def split(items, mark):
    parts = [[]]
    for item in items:
        if item.text == mark:
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def is_chain(items):
    """Are these operands of && or ||, and nothing else?"""
    marks = {item.text for item in items if not item.items}
    return bool(marks & {"&&", "||"}) and not marks & ENDS_EXPRESSION


def is_composite(items):
    """A chain in brackets, maybe denied: its own operands are looked at."""
    while items and items[0].text == "!":
        items = items[1:]
    if len(items) != 1 or items[0].text != "(":
        return False
    return is_chain(items[0].items) or is_composite(items[0].items)


class Terms:
    """The terms of all conditions in a source file's functions."""

    def __init__(self, file, source):
        self.file, self.source, self.mutants = file, source, []
        before = [None, None]
        for item in grouped(tokens_of(source)):
            if item.text == "{" and before[1] and before[1].text == "(" and before[0]:
                self.function = before[0].text
                self.walk(item.items, True)
            before = [before[1], item]

    def add(self, items, neutral, form="%s"):
        """That term's answer is as if it weren't there. It is asked all the same: what else it does stays,
        and only where it answers otherwise does the mutant differ from the engine."""
        if not items or is_composite(items):
            return
        start, end = items[0].start, items[-1].end
        line = self.source.count("\n", 0, start) + 1
        behind = ") || tcpfsm_mutant_met(%d))" if neutral else ") && !tcpfsm_mutant_met(%d))"
        self.mutants.append(Mutant("terms", self.file, line, self.function,
                                   form % plain(self.source, start, end), [(start, end, "((", behind)]))

    def chain(self, items, ended_by):
        """An expression without brackets around it; what ended it tells of a condition."""
        alternatives = split(items, "||")
        for alternative in alternatives:
            operands = split(alternative, "&&")
            if len(operands) > 1:
                for operand in operands:
                    self.add(operand, True)
            elif len(alternatives) > 1:
                self.add(alternative, False)
            elif ended_by == "?":
                self.add(items, False, "%s ?")

    def condition(self, keyword, items):
        if keyword == "if" and not is_chain(items):
            self.add(items, False, "if (%s)")
        self.walk(items, False)

    def walk(self, items, is_block):
        expression, at = [], 0

        def finish(ended_by):
            self.chain(expression, ended_by)
            expression.clear()

        while at < len(items):
            at = behind_constant(items, at)
            if at == len(items):
                break
            item = items[at]
            at += 1
            if item.text in CONDITIONALS:
                finish("")
                self.condition(item.text, items[at].items)
                at += 1
            elif item.text in ENDS_EXPRESSION:
                finish(item.text)
            elif item.text == "{" and is_block:
                finish("")
                self.walk(item.items, True)
            else:
                expression.append(item)
                if item.items:
                    self.walk(item.items, False)
        finish("")


def rows_of(source):
    """(macro, its arguments as (start, end)) of each row of a .def file."""
    items = grouped(tokens_of(source))
    for name, group in zip(items, items[1:]):
        if group.text == "(" and re.fullmatch(r"[A-Z][A-Z0-9_]*", name.text):
            yield name, [(part[0].start, part[-1].end) for part in split(group.items, ",") if part]


def switched(source, column, function):
    """A predicate that the switch exchanges for a function which always says the same."""
    start, end = column
    name = source[start:end]
    if not re.fullmatch(r"[a-z_]\w*", name):  # a macro: it can only be kept from being asked
        return [(start, start, "!tcpfsm_mutant_met(%d) && ", "")] if function == "never" else None
    before = "(tcpfsm_mutant_met(%%d) ? (__typeof__(&%s))tcpfsm_mutant_%s : " % (name, function)
    return [(start, end, before, ")")]


def row_changes(source, columns, bits, predicates, always_true):
    """(what is said of it, its wraps): the row never applies, or one of several conditions always holds."""
    yield "", switched(source, columns[predicates[0]], "never")
    if bits is not None:
        (start, end), text = columns[bits], source[slice(*columns[bits])]
        if text not in WHOLE_SETS:
            yield ", any " + text, [(start, end, "(tcpfsm_mutant_met(%d) ? ~0u : (", "))")]
        for column in predicates:
            text = source[slice(*columns[column])]
            if text not in always_true:
                yield ", any " + text, switched(source, columns[column], "always")


def row_mutants(file, source, always_true):
    for macro, columns in rows_of(source):
        table = TABLES.get(macro.text) or (macro.text.endswith("_RULE") and TABLES["SEQ_RULE"])
        if table and len(columns) > max(table[1]):
            line = source.count("\n", 0, macro.start) + 1
            for text, wraps in row_changes(source, columns, *table, always_true):
                if wraps:
                    yield Mutant("rows", file, line, macro.text, plain(source, *columns[0]) + text, wraps)


def number_of(text):
    """What it comes to, if it is made of numbers alone; else None."""
    return eval(text.replace("/", "//")) if re.fullmatch(r"[\d\s<>*+()/-]+", text) else None


def threshold_mutants(file, source):
    """Each threshold, larger and smaller. The name of its value is that of a macro."""
    for macro, columns in rows_of(source):
        if macro.text == "THRESHOLD" and len(columns) > 1:
            name, value = (plain(source, *column) for column in columns[:2])
            line = source.count("\n", 0, macro.start) + 1
            tried = {number_of(value)}
            for factor, form in FACTORS:
                number = number_of(form % value)
                if number is None or (number not in tried and number <= INT_MAX):
                    tried.add(number)
                    yield Mutant("thresholds", file, line, macro.text, "%s %s" % (name, factor),
                                 [(*columns[1], "", "")], (name, value, form % value))


def find(root, engine):
    """All mutants of the engine, numbered from 1; of two that are called alike, the second ends in [2]."""
    sources = {path: path.read_text() for path in sorted(engine.rglob("*")) if path.suffix in SUFFIXES}
    always_true = {name for source in sources.values() for name in ALWAYS_TRUE.findall(source)}
    mutants = []
    for path, source in sources.items():
        file = path.relative_to(root).as_posix()
        if path.suffix != ".def":
            mutants += sorted(Terms(file, source).mutants, key=lambda mutant: mutant.wraps[0][0])
        elif path.name == THRESHOLDS:
            mutants += threshold_mutants(file, source)
        else:
            mutants += row_mutants(file, source, always_true)
    seen = {}
    for number, mutant in enumerate(mutants, 1):
        mutant.number = number
        times = seen[mutant.key()] = seen.get(mutant.key(), 0) + 1
        if times > 1:
            mutant.text += " [%d]" % times
    return mutants


def rewritten(source, mutants):
    """The source with all these changes, each behind its switch. Lines stay where they are."""
    insertions, replaced = [], {}
    for mutant in mutants:
        for start, end, before, behind in mutant.wraps:
            if mutant.kind == "thresholds":
                replaced[start] = (end, value_macro(mutant))
                continue
            # At one place, what ends comes first, the inner before the outer; then what begins, the outer
            # first.
            if "%d" in before:
                before = before % mutant.number
            if "%d" in behind:
                behind = behind % mutant.number
            insertions.append((start, 1, start - end, before))
            insertions.append((end, 0 if behind else 2, end - start, behind))
    insertions += [(start, 3, end, text) for start, (end, text) in replaced.items()]
    parts, at = [], 0
    for place, order, length, text in sorted(insertions):
        parts += [source[at:place], text]
        at = length if order == 3 else place
    return "".join(parts) + source[at:]


def value_macro(mutant):
    return "TCPFSM_VALUE_" + mutant.value[0]
