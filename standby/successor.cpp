#include "standby/successor.h"

#include <algorithm>
#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"

namespace standby {
namespace {

using base::Code;
constexpr std::size_t kMaxFile = 65536;

base::Result<Successor> parse(const toml::table& file) {
    const auto bytes = [&](const char* name) {
        auto found = base::from_hex(file[name].value_or(std::string()));
        return found ? std::move(*found) : base::Bytes();
    };
    Successor out;
    out.platform = file["platform"].value_or(std::string());
    out.checkpoint_key = bytes("checkpoint_key");
    out.signature = bytes("signature");
    const std::int64_t events = file["events"].value_or(std::int64_t{-1});
    const base::Bytes root = bytes("root");
    if (out.platform.empty() || out.checkpoint_key.empty() || out.signature.empty() || events < 0 || root.size() != out.root.size())
        return {Code::malformed, "it does not say who has taken over"};
    out.events = static_cast<std::uint64_t>(events);
    std::ranges::copy(root, out.root.begin());
    return out;
}

}  // namespace

std::string Successor::text() const {
    const toml::table file{{"platform", platform}, {"checkpoint_key", base::to_hex(checkpoint_key)}, {"events", static_cast<std::int64_t>(events)}, {"root", base::to_hex(root)}, {"signature", base::to_hex(signature)}};
    std::ostringstream out;
    out << "# A second machine has taken over. Put this into the folder that the first machine feeds: it ends, and is not unsealed again.\n" << file << "\n";
    return out.str();
}

base::Result<Successor> Successor::read(const std::string& path) {
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxFile));
    base::Result<Successor> out{Code::malformed, ""};
    try {
        out = parse(toml::parse(base::as_text(content)));
    } catch (const toml::parse_error& e) {
        out = base::Error{Code::malformed, std::string(e.description())};
    }
    if (!out) return std::move(out).error().in(path);
    return out;
}

}  // namespace standby
