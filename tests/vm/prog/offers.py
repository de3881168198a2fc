# SPDX-License-Identifier: GPL-2.0
"""offers.py YNL SPEC: the attributes that each request of a Netlink spec has.

YNL is the kernel's tools/net/ynl, with the reader of specs. A line for each,
nests' attributes by their path of numbers, limits as `genl ctrl policy` prints
them:

  = COMMAND do|dump PATH TYPE [LIMITS]	the request alone has this nest
  + COMMAND do|dump PATH TYPE [LIMITS]	the reply has it, too
"""
import sys

sys.path.insert(0, sys.argv[1])
from lib import SpecFamily  # pylint: disable=import-error,wrong-import-position


def shape(attr):
    """Type and limits of an attribute."""
    checks = attr.get('checks', {})
    if attr.type == 'string':
        return f"NUL_STRING max len:{checks.get('max-len')}"
    if attr.type == 'binary':
        return 'BINARY min len:{0} max len:{0}'.format(checks.get('exact-len'))
    if attr.get('enum-as-flags'):
        return attr.type.upper()  # genl leaves out the mask
    bits = int(attr.type[1:])
    low, high = (0, 2**bits) if attr.type[0] == 'u' else (-2**(bits - 1), 2**(bits - 1))
    return f"{attr.type.upper()} range:[{checks.get('min', low)},{checks.get('max', high - 1)}]"


def show(head, path, attr):
    """Print an attribute, or what is in the nest that it is."""
    path = f'{path}.{attr.value}'.lstrip('.')
    if attr.type == 'nest':
        for inner in family.attr_sets[attr['nested-attributes']].attrs.values():
            show(head, path, inner)
    elif attr.type != 'pad':
        print(head, path, shape(attr))


family = SpecFamily(sys.argv[2], schema_path='')
for op in family.ops.values():
    for mode in sorted(op.modes):
        replies = op[mode].get('reply', {}).get('attributes', [])
        for name in op[mode].get('request', {}).get('attributes', []):
            mark = '+' if name in replies else '='
            # 6.12 calls a command 0 that can only be dumped.
            number = op.value if 'do' in op.modes else 0
            show(f'{mark} {number} {mode}', '', op.attr_set[name])
