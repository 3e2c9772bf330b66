#include "kmp/service/backup.h"

#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"

namespace kmp::service::backup {
namespace {

using base::Code;
constexpr std::size_t kMaxFile = 65536;
constexpr std::size_t kMaxRecovery = 4u << 20;

base::Result<base::Digest> digest(const std::string& hex, const std::string& path) {
    const auto bytes = base::from_hex(hex);
    base::Digest out{};
    if (!bytes || bytes->size() != out.size()) return {Code::malformed, path + " holds no SHA-256 where one belongs"};
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

}  // namespace

std::string Manifest::text() const {
    const toml::table file{{"made", base::to_rfc3339(made)}, {"utility", utility}, {"origin", origin}, {"events", static_cast<std::int64_t>(events)},
                           {"database_sha256", base::to_hex(database)}, {"recovery_sha256", base::to_hex(recovery)}};
    std::ostringstream out;
    out << "# A backup of the key management platform; 'kmpctl restore' takes this folder.\n" << file << "\n";
    return out.str();
}

base::Result<Manifest> Manifest::read(const std::string& path) {
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxFile));
    Manifest out;
    try {
        const toml::table file = toml::parse(base::as_text(content));
        KMP_TRY(out.made, base::from_rfc3339(file["made"].value_or(std::string())));
        out.utility = file["utility"].value_or(std::string());
        out.origin = file["origin"].value_or(std::string());
        out.events = static_cast<std::uint64_t>(file["events"].value_or(std::int64_t{0}));
        KMP_TRY(out.database, digest(file["database_sha256"].value_or(std::string()), path));
        KMP_TRY(out.recovery, digest(file["recovery_sha256"].value_or(std::string()), path));
    } catch (const toml::parse_error& e) {
        return {Code::malformed, path + " line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description()) + "; take another backup"};
    }
    return out;
}

base::Result<Manifest> check(const std::string& folder) {
    KMP_TRY(const Manifest manifest, Manifest::read(folder + "/" + kManifest));
    KMP_TRY(const base::Digest database, base::sha256_of_file(folder + "/" + kDatabase));
    KMP_TRY(const base::Bytes recovery, base::read_file(folder + "/" + kRecovery, kMaxRecovery));
    if (database != manifest.database) return {Code::tampered, folder + "/" + kDatabase + " is not what was backed up; take another copy of the backup"};
    if (base::sha256(recovery) != manifest.recovery) return {Code::tampered, folder + "/" + kRecovery + " is not what was backed up; take another copy of the backup"};
    return manifest;
}

}  // namespace kmp::service::backup
