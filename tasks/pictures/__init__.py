"""The files of pictures: what they are, how large, what they say about themselves, and their pixels.

Bytes that nobody checked come in here and nothing doubtful goes out; no AWS.
"""

LOADS = (
    *("PIL.Image", "PIL.ImageCms", "PIL.BmpImagePlugin", "PIL.GifImagePlugin"),
    *("PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.PpmImagePlugin"),
)
"""What decoding the first picture loads: Pillow asks for its usual formats together, whichever is wanted."""
