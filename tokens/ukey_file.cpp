#include "tokens/ukey_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include <toml++/toml.h>

#include "base/fd.h"

namespace tokens {
namespace {

constexpr std::size_t kMaxFile = 4096;

std::string path_in(const std::string& folder) { return folder + "/ukey.toml"; }

base::Result<std::string> text_of(const toml::table& table, std::string_view key) {
    const auto value = table[key].value_exact<std::string>();
    if (!value) return {base::Code::malformed, "entry '" + std::string(key) + "' is missing or no text"};
    return *value;
}

base::Result<UkeyFile> parse(std::string_view text) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& e) {
        return {base::Code::malformed, "line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description())};
    }
    UkeyFile out;
    KMP_TRY(const std::string serial, text_of(table, "serial"));
    KMP_TRY(out.serial, base::UkeySerial::parse(serial));
    KMP_TRY(const std::string kind, text_of(table, "kind"));
    KMP_TRY(out.kind, model::parse_ukey_kind(kind));
    KMP_TRY(const std::string hex, text_of(table, "salt"));
    const auto salt = base::from_hex(hex);
    if (!salt || salt->size() != out.salt.size()) return {base::Code::malformed, "entry 'salt' is not 16 bytes in hex"};
    std::ranges::copy(*salt, out.salt.begin());
    if (table.contains("home_platform")) {
        KMP_TRY(const std::string home, text_of(table, "home_platform"));
        KMP_TRY(out.home_platform, base::UkeySerial::parse(home));
    }
    for (const auto& [key, value] : table)
        if (key != "serial" && key != "kind" && key != "salt" && key != "home_platform")
            return {base::Code::malformed, "entry '" + std::string(key.str()) + "' is unknown"};
    return out;
}

}  // namespace

base::Result<UkeyFile> read_ukey_file(const std::string& folder) {
    const std::string path = path_in(folder);
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxFile));
    auto parsed = parse(base::as_text(content));
    if (!parsed) return base::Error{base::Code::malformed, path + ": " + parsed.error().message};
    return parsed;
}

base::Status remove_ukey_file(const std::string& folder) {
    if (unlink(path_in(folder).c_str()) != 0 && errno != ENOENT) return base::errno_error("cannot remove " + path_in(folder), errno);
    return {};
}

base::Status write_ukey_file(const std::string& folder, const UkeyFile& file) {
    if (file.serial.empty()) return {base::Code::invalid_argument, "a ukey.toml without a serial"};
    KMP_CHECK(model::ukey_kind_from(static_cast<std::uint64_t>(file.kind)));
    toml::table table{{"serial", file.serial.text()}, {"kind", std::string(model::name(file.kind))}, {"salt", base::to_hex(file.salt)}};
    if (!file.home_platform.empty()) table.insert("home_platform", file.home_platform.text());
    std::ostringstream text;
    text << table << '\n';
    return base::write_file_atomically(path_in(folder), base::as_bytes(text.str()), 0600);
}

}  // namespace tokens
