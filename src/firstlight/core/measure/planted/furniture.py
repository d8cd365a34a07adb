"""What stands around a planted flaw: harmless helpers, and the way in.

Without them the flawed function would be the only one there is. Some do correctly what a flawed
one does wrongly, so that looking for a suspicious call is not enough. They are called; what they
find goes to standard error.
"""

from __future__ import annotations

from firstlight.core.measure.planted.draws import Draws
from firstlight.core.measure.planted.program import Text

_C_HELPERS = (
    """
unsigned @f@(const unsigned char *data, size_t size)
{
    unsigned sum = @n@;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31u + data[i];
    return sum;
}
""",
    """
unsigned @f@(const unsigned char *data, size_t size)
{
    unsigned char copy[@m@];
    size_t kept = size < sizeof copy ? size : sizeof copy;
    memcpy(copy, data, kept);
    return kept > 0 ? copy[kept - 1] : @n@;
}
""",
    """
unsigned @f@(const unsigned char *data, size_t size)
{
    unsigned seen[256] = {0}, most = 0;
    for (size_t i = 0; i < size; i++)
        if (++seen[data[i]] > seen[most])
            most = data[i];
    return most ^ @n@;
}
""",
    """
unsigned @f@(const unsigned char *data, size_t size)
{
    unsigned lines = @n@;
    const unsigned char *at = data;
    while (size > 0 && (at = memchr(at, '\\n', size - (size_t)(at - data))) != NULL)
    {
        lines++;
        at++;
        if ((size_t)(at - data) >= size)
            break;
    }
    return lines;
}
""",
    """
unsigned @f@(const unsigned char *data, size_t size)
{
    unsigned char *turned = malloc(size + 1);
    unsigned last;
    if (turned == NULL)
        return @n@;
    for (size_t i = 0; i < size; i++)
        turned[size - 1 - i] = data[i];
    turned[size] = @m@ & 0xff;
    last = turned[0];
    free(turned);
    return last;
}
""",
)
_C_MAIN = """
/* @canary@ */
#include <stdio.h>
#include <stdlib.h>

#include "@name@.h"

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    unsigned char *data;
    long size;
    int code;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        return 2;
    rewind(file);
    data = malloc((size_t)size + 1);
    if (data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size)
        return 2;
    fclose(file);
    data[size] = 0;
@notes@
    code = @name@_run(data, (size_t)size);
    free(data);
    return code;
}
"""
_C_HEADER = """
#include <stddef.h>

int @name@_run(const unsigned char *data, size_t size);
@heads@
"""
_PY_HELPERS = (
    """
def @f@(text):
    total = @n@
    for number, character in enumerate(text):
        total = (total * 33 + number + ord(character)) % 65521
    return total
""",
    """
def @f@(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return max(counts.values(), default=@n@)
""",
    """
def @f@(text):
    kept = [line.rstrip() for line in text.splitlines() if line.strip()]
    return len(kept) + @n@
""",
    """
def @f@(text):
    width = max((len(line) for line in text.splitlines()), default=0)
    return min(width, @m@)
""",
)


def c_files(draws: Draws, name: str, canary: str) -> tuple[Text, ...]:
    """Header, helpers and main of a program in C; the flawed file is the caller's."""
    names = [draws.function() for _ in range(4)]
    bodies = [
        Text(path="", body=body, holes=_numbers(draws, one)).side(fixed=False)
        for one, body in zip(names, draws.some(_C_HELPERS, len(names)), strict=True)
    ]
    heads = "\n".join(f"unsigned {one}(const unsigned char *data, size_t size);" for one in names)
    notes = "\n".join(
        f'    fprintf(stderr, "{draws.noun()} %u\\n", {one}(data, (size_t)size));' for one in names
    )
    holes = {"name": name, "canary": canary, "heads": heads, "notes": notes}
    lead = f'#include <stdlib.h>\n#include <string.h>\n\n#include "{name}.h"\n'
    helpers = Text(path=f"{draws.noun()}.c", body="\n".join([lead, *bodies]), holes={})
    return (
        Text(path=f"{name}.h", body=_C_HEADER, holes=holes),
        helpers,
        Text(path="main.c", body=_C_MAIN, holes=holes),
    )


def python_helpers(draws: Draws) -> tuple[Text, tuple[str, ...]]:
    """A module of helpers, and their names."""
    names = tuple(draws.function() for _ in range(3))
    bodies = [
        Text(path="", body=body, holes=_numbers(draws, one)).side(fixed=False)
        for one, body in zip(names, draws.some(_PY_HELPERS, len(names)), strict=True)
    ]
    return Text(path=f"{draws.noun()}s.py", body="\n\n".join(bodies), holes={}), names


def _numbers(draws: Draws, name: str) -> dict[str, str]:
    return {"f": name, "n": str(draws.between(3, 97)), "m": str(draws.between(16, 90))}


def python_lead(canary: str, helpers: Text, names: tuple[str, ...]) -> str:
    """The head of the flawed module."""
    module = helpers.path.removesuffix(".py")
    return f"# {canary}\nimport sys\nfrom {module} import {', '.join(names)}"


def python_notes(names: tuple[str, ...]) -> str:
    """The statement that calls the helpers."""
    return f"print({', '.join(f'{one}(text)' for one in names)}, file=sys.stderr)"
