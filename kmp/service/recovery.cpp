#include "kmp/service/recovery.h"

#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"
#include "kmp/service/job.h"
#include "kmp/service/platform_file.h"
#include "pki/encryption.h"

namespace kmp::service {
namespace {

using base::Code;
constexpr std::size_t kMaxFile = 4u << 20;
constexpr std::int64_t kVersion1 = 1;

/// Reads members of a table, and keeps the first thing that is wrong.
class Members {
public:
    explicit Members(const toml::table& table) : table_(table) {}
    std::string text(std::string_view key) {
        const auto value = table_[key].value<std::string>();
        if (!value && trouble_.empty()) trouble_ = "lacks " + std::string(key);
        return value.value_or("");
    }
    base::Bytes bytes(std::string_view key) {
        auto out = base::from_hex(text(key));
        if (!out && trouble_.empty()) trouble_ = std::string(key) + " is not hexadecimal";
        return out ? std::move(*out) : base::Bytes();
    }
    base::UkeySerial serial(std::string_view key) {
        auto out = base::UkeySerial::parse(text(key));
        if (!out && trouble_.empty()) trouble_ = std::string(key) + " is not a serial";
        return out ? *out : base::UkeySerial();
    }
    const std::string& trouble() const noexcept { return trouble_; }

private:
    const toml::table& table_;
    std::string trouble_;
};

/// Each table of an array of tables.
template <class F>
base::Status each(const toml::table& file, std::string_view key, F&& read) {
    const toml::array* all = file[key].as_array();
    if (all == nullptr) return {};
    for (const toml::node& node : *all) {
        const toml::table* table = node.as_table();
        if (table == nullptr) return {Code::malformed, std::string(key) + " is not a list of tables"};
        Members members(*table);
        KMP_CHECK(read(members));
        if (!members.trouble().empty()) return {Code::malformed, "a " + std::string(key) + " " + members.trouble()};
    }
    return {};
}

base::Status parse_into(Recovery& out, const toml::table& file) {
    if (file["version"].value_or(std::int64_t{0}) != kVersion1) return {Code::malformed, "is not of version 1"};
    Members members(file);
    out.utility = members.text("utility");
    out.anchor = members.bytes("anchor");
    if (!members.trouble().empty()) return {Code::malformed, members.trouble()};
    KMP_CHECK(each(file, "issuer", [&](Members& m) -> base::Status {
        out.issuers.push_back(m.bytes("certificate"));
        return {};
    }));
    KMP_CHECK(each(file, "master", [&](Members& m) -> base::Status {
        out.masters.push_back({m.serial("ukey"), m.bytes("salt"), m.bytes("sealed_so_pin"), m.bytes("database_key")});
        return {};
    }));
    KMP_CHECK(each(file, "quorum", [&](Members& m) -> base::Status {
        tokens::SignedQuorum q;
        q.statement = m.bytes("statement");
        q.signature = m.bytes("signature");
        q.former = m.bytes("former");
        const base::Bytes digest = m.bytes("secret_digest");
        if (digest.size() != q.secret.size()) return {Code::malformed, "a quorum's secret_digest has not 32 bytes"};
        std::copy(digest.begin(), digest.end(), q.secret.begin());
        KMP_TRY(q.quorum, model::Quorum::decode(q.statement));
        out.quorums.push_back(std::move(q));
        return {};
    }));
    return each(file, "officer", [&](Members& m) -> base::Status {
        out.officers.push_back({m.serial("ukey"), m.bytes("salt"), m.bytes("share")});
        return {};
    });
}

}  // namespace

std::string Recovery::text() const {
    toml::array issuer_list, master_list, quorum_list, officer_list;
    for (const base::Bytes& c : issuers) issuer_list.push_back(toml::table{{"certificate", base::to_hex(c)}});
    for (const Master& m : masters)
        master_list.push_back(toml::table{{"ukey", m.ukey.text()}, {"salt", base::to_hex(m.salt)}, {"sealed_so_pin", base::to_hex(m.sealed_so_pin)}, {"database_key", base::to_hex(m.database_key)}});
    for (const tokens::SignedQuorum& q : quorums)
        quorum_list.push_back(toml::table{{"statement", base::to_hex(q.statement)}, {"signature", base::to_hex(q.signature)}, {"secret_digest", base::to_hex(q.secret)}, {"former", base::to_hex(q.former)}});
    for (const Officer& o : officers) officer_list.push_back(toml::table{{"ukey", o.ukey.text()}, {"salt", base::to_hex(o.salt)}, {"share", base::to_hex(o.share)}});
    const toml::table file{{"version", kVersion1}, {"utility", utility}, {"anchor", base::to_hex(anchor)}, {"issuer", issuer_list},
                           {"master", master_list}, {"quorum", quorum_list}, {"officer", officer_list}};
    std::ostringstream out;
    out << "# What 'kmpctl restore' needs beside a master-control UKEY and who opens it. It opens nothing by itself.\n" << file << "\n";
    return out.str();
}

base::Result<Recovery> Recovery::parse(std::string_view text, const std::string& name) {
    Recovery out;
    base::Status read;
    try {
        read = parse_into(out, toml::parse(text));
    } catch (const toml::parse_error& e) {
        read = base::Error{Code::malformed, "line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description())};
    }
    if (!read) return base::Error{Code::malformed, name + " " + read.error().message + "; take another copy of it"};
    if (out.masters.empty()) return {Code::malformed, name + " names no master-control UKEY; take another copy of it"};
    return out;
}

base::Result<Recovery> Recovery::read(const std::string& path) {
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxFile));
    return parse(base::as_text(content), path);
}

base::Result<Recovery> recovery_of(Job& job, Books& books) {
    Recovery out;
    job.service.on_io([&] {
        out.utility = books.house.utility;
        out.anchor = books.house.anchor.der();
        for (const pki::Certificate& c : books.house.issuers) out.issuers.push_back(c.der());
        for (const tokens::UkeyRecord* r : books.registry.all()) {
            if (r->kind == model::UkeyKind::master_control && model::in_service(r->state)) out.masters.push_back({r->serial, r->salt, r->sealed_so_pin, r->database_key});
        }
        out.quorums = books.quorums;
        if (out.quorums.empty()) return;
        for (const model::Officer& o : out.quorums.back().quorum.officers)
            if (const tokens::UkeyRecord* r = books.registry.find(o.ukey)) out.officers.push_back({o.ukey, r->salt, {}});
    });
    for (Recovery::Officer& o : out.officers) {
        KMP_TRY(o.share, tokens::registry::share(*books.reports, out.quorums.back().quorum.generation, o.ukey));
    }
    return out;
}

base::Status write_recovery(Job& job, Books& books) {
    KMP_TRY(const Recovery recovery, recovery_of(job, books));
    return base::write_file_atomically(job.service.config().recovery_file(), base::as_bytes(recovery.text()), 0600);
}

base::Result<base::Secret> database_key(Job& job, const Books& books) {
    KMP_TRY(const PlatformFile file, read_platform_file(job.service.config().platform_file()));
    KMP_TRY(tokens::Token platform, platform_token(job, books));
    return platform.unwrap_database_key(file.database_key);
}

base::Result<base::Bytes> seal_database_key(base::ByteView recovery_spki, const base::Secret& key) {
    const std::string prefix("kmp/v1/database-key\0", 20);
    base::Secret plain(prefix.size() + key.size());
    plain.fill([&](std::span<std::uint8_t> out) {
        auto at = std::copy(prefix.begin(), prefix.end(), out.begin());
        key.reveal([&](base::ByteView k) { std::copy(k.begin(), k.end(), at); });
    });
    return pki::encrypt_to(recovery_spki, plain);
}

}  // namespace kmp::service
