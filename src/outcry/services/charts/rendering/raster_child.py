"""A process that turns one SVG into PNG: the width in pixels and the font's file are its arguments.

It is started by path and by itself, so that a picture that takes too long can be ended, and holds up nobody.
"""

import sys


def main() -> None:
    """Read SVG from the standard input and write PNG to the standard output."""
    import resvg_py

    width, font = int(sys.argv[1]), sys.argv[2]
    png = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        width=width,
        skip_system_fonts=True,
        font_files=[font],
        font_family="Noto Sans",
        sans_serif_family="Noto Sans",
    )
    sys.stdout.buffer.write(bytes(png))


if __name__ == "__main__":
    main()
