#include "audit/file_commands.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/output_file.h"

namespace audit {

using base::Code;

namespace {

constexpr unsigned kOwnerOnly = 0600;

base::Result<std::uint64_t> copy(const ByteSource& source, base::OutputFile& out) {
    base::Bytes buffer(kEnvelopeChunk);
    for (;;) {
        KMP_TRY(const std::size_t n, source(buffer));
        if (n == 0) return out.bytes();
        KMP_CHECK(out.add(base::ByteView(buffer).first(n)));
    }
}

}  // namespace

base::Result<base::Fd> open_source(const std::string& path) {
    if (path == "-") return base::Fd(dup(STDIN_FILENO));
    base::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return base::errno_error("cannot open " + path, errno);
    return fd;
}

base::Result<std::uint64_t> decrypt_file(const FileOptions& files, Opening& opening) {
    KMP_TRY(const base::Fd from, open_source(files.from));
    bool sealed = false;
    const ByteSource plain = opening.read(source_of(from, files.from), &sealed);
    // What it is shows at the first read; only then is there anything to write.
    base::Bytes first(kEnvelopeChunk);
    KMP_TRY(const std::size_t n, plain(first));
    if (!sealed) return {Code::refused, "it is not sealed: there is nothing to decrypt"};
    KMP_TRY(base::OutputFile out, base::OutputFile::open(files.to, kOwnerOnly));
    KMP_CHECK(out.add(base::ByteView(first).first(n)));
    KMP_TRY(const std::uint64_t bytes, copy(plain, out));
    KMP_CHECK(out.finish());
    return bytes;
}

base::Result<Rows> convert_file(const FileOptions& files, RowFormat format, Opening& opening) {
    KMP_TRY(const base::Fd from, open_source(files.from));
    KMP_TRY(base::OutputFile out, base::OutputFile::open(files.to, kOwnerOnly));
    KMP_TRY(const Rows rows, write_rows(opening.read(source_of(from, files.from)), format, [&](base::ByteView piece) { return out.add(piece); }));
    KMP_CHECK(out.finish());
    return rows;
}

}  // namespace audit
