#include <zlib.h>

// The macros of zlib are not imported. Fifteen bits of window, no header and no checksum: RFC 1951.
static inline int czlib_begin_deflating(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}

static inline int czlib_begin_inflating(z_stream *stream) {
    return inflateInit2(stream, -15);
}
