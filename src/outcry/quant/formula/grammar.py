"""The grammar, for lark's LALR parser."""

GRAMMAR = r"""
start: choice

?choice: both (OR both)*
?both: negated (AND negated)*
?negated: NOT negated | compared
?compared: sum ((COMPARE | CROSS) sum)*
?sum: product ((PLUS | MINUS) product)*
?product: signed ((TIMES | DIVIDE) signed)*
?signed: (MINUS | PLUS) signed -> sign | power
?power: postfix (POWER signed)?
?postfix: atom
    | postfix "[" choice CLOSE_INDEX -> past
    | postfix TIMEFRAME -> at
    | postfix "." (call | name) -> member
?atom: NUMBER -> number
    | QUOTED -> quoted
    | call
    | name
    | OPEN choice CLOSE_CALL -> group
name: NAME
call: NAME "(" [argument ("," argument)*] CLOSE_CALL
argument: choice -> given
    | NAME ASSIGN choice -> named

OR.2: /or\b|\|\|?/i
AND.2: /and\b|&&?/i
NOT.2: /not\b|!(?!=)/i
CROSS.2: /crosses[_ \t]*(above|over|below|under)\b/i
COMPARE: /[<>=!]=|<>|[<>≤≥≠]|=(?!=)/
ASSIGN.2: /=(?!=)/
PLUS: "+"
MINUS: /[-−]/
TIMES: /[*×]/
DIVIDE: /[\/÷]/
POWER: /\^|\*\*/
OPEN: "("
CLOSE_INDEX: "]"
CLOSE_CALL: ")"
TIMEFRAME: /@[ \t]*\w+/
QUOTED: /"[^"\n]*"|'[^'\n]*'|“[^”\n]*”/
NUMBER: /(\d[\d_]*(\.\d+)?|\.\d+)([eE][+-]?\d+)?[A-Za-z_%]*/
NAME: /(?!(and|or|not)\b)[A-Za-z_][A-Za-z0-9_]*/i

%import common.WS
%ignore WS
"""
