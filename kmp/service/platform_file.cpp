#include "kmp/service/platform_file.h"

#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"

namespace kmp::service {
namespace {
using base::Code;
constexpr std::size_t kMaxFile = 65536;
}  // namespace

base::Result<PlatformFile> read_platform_file(const std::string& path) {
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxFile));
    PlatformFile out;
    try {
        const toml::table file = toml::parse(base::as_text(content));
        const auto text = [&](std::string_view key) { return file[key].value_or(std::string()); };
        KMP_TRY(out.platform, base::UkeySerial::parse(text("platform")));
        KMP_TRY(out.database_key, base::from_hex(text("database_key")));
    } catch (const toml::parse_error& e) {
        return {Code::malformed, path + " line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description()) + "; restore it from the backup"};
    }
    if (out.database_key.empty()) return {Code::malformed, path + " lacks database_key; restore it from the backup"};
    return out;
}

base::Status write_platform_file(const std::string& path, const PlatformFile& f) {
    const toml::table file{
        {"platform", f.platform.text()},
        {"database_key", base::to_hex(f.database_key)},
    };
    std::ostringstream out;
    out << "# Which platform UKEY opens the database. It opens nothing without that UKEY and its PIN.\n" << file << "\n";
    return base::write_file_atomically(path, base::as_bytes(out.str()), 0600);
}

}  // namespace kmp::service
