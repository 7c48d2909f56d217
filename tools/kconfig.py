#!/usr/bin/python3
"""kconfig.py - reads Kconfig and writes what the build needs; any warning is an error

kconfig.py load FILE   $KCONFIG_CONFIG from a default configuration
kconfig.py save FILE   a default configuration from $KCONFIG_CONFIG
kconfig.py gen DIR     DIR/config.h and DIR/config.mk from $KCONFIG_CONFIG
"""

import os
import sys

import kconfiglib


def fail(words):
    sys.exit("kconfig: " + words)


def read(config):
    os.environ["KCONFIG_WARN_UNDEF_ASSIGN"] = "y"
    kconf = kconfiglib.Kconfig("Kconfig", warn_to_stderr=False)
    kconf.load_config(config)
    if kconf.warnings:
        fail("%s: %s" % (config, "; ".join(kconf.warnings)))
    return kconf


def applets(kconf):
    """the symbols directly in the menu "Applets", whether on or off"""
    node = kconf.top_node.list
    while node:
        if node.item == kconfiglib.MENU and node.prompt[0] == "Applets":
            break
        node = node.next
    found = []
    child = node.list
    while child:
        found.append(child.item)
        child = child.next
    return found


def header(kconf):
    lines = ["/* config.h - made from Kconfig: what this build contains */"]
    for symbol in kconf.unique_defined_syms:
        if symbol.type == kconfiglib.STRING:
            value = '"%s"' % kconfiglib.escape(symbol.str_value)
        elif symbol.type == kconfiglib.BOOL:
            value = "1" if symbol.tri_value else "0"
        else:
            value = symbol.str_value
        lines.append("#define CONFIG_%s %s" % (symbol.name, value))
    return "\n".join(lines) + "\n"


def makefile(kconf):
    known = [symbol.name.lower() for symbol in applets(kconf)]
    on = [symbol.name.lower() for symbol in applets(kconf) if symbol.tri_value]
    lines = ["KNOWN_APPLETS := " + " ".join(known), "APPLETS := " + " ".join(on),
             "PROFILE := " + kconf.syms["PROFILE"].str_value]
    lines += ["%s := %d" % (name, kconf.syms[name].tri_value != 0) for name in ("TLS", "TLS13", "KEY_WRITING")]
    return "\n".join(lines) + "\n"


def write(path, text):
    """leaves an equal file alone, so that nothing is rebuilt for it"""
    if os.path.exists(path) and open(path).read() == text:
        return
    with open(path, "w") as out:
        out.write(text)


def main(verb, path):
    config = os.environ["KCONFIG_CONFIG"]
    if verb == "load":
        read(path).write_config(config)
    elif verb == "save":
        read(config).write_min_config(path)
    elif verb == "gen":
        kconf = read(config)
        write(os.path.join(path, "config.h"), header(kconf))
        write(os.path.join(path, "config.mk"), makefile(kconf))
    else:
        fail("unknown verb " + verb)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, kconfiglib.KconfigError) as error:
        fail(str(error))
