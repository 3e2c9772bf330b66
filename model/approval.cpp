#include "model/approval.h"

#include <algorithm>
#include <array>
#include <set>

namespace model {
namespace {

using base::Code;
using base::Error;

constexpr std::uint8_t kEncoding = 1;
constexpr std::size_t kLongestHolder = 64;
constexpr std::size_t kLongestName = 32;

struct DeedName {
    Deed deed;
    std::string_view name;    ///< stands in answers to programs: it never changes
    std::string_view phrase;  ///< what people read
};
constexpr std::array kDeeds{
    DeedName{Deed::issue, "issue", "issue a UKEY"},
    DeedName{Deed::renew, "renew", "renew a UKEY"},
    DeedName{Deed::reinject, "reinject", "give new masters to a UKEY"},
    DeedName{Deed::set_grant, "set-grant", "set the grant of a UKEY"},
    DeedName{Deed::rotate, "rotate", "draw new masters of the meters' keys"},
    DeedName{Deed::destroy_version, "destroy-version", "destroy a version of the meters' keys"},
    DeedName{Deed::backup, "backup", "make a backup"},
    DeedName{Deed::restore, "restore", "restore from a backup"},
    DeedName{Deed::unblock, "unblock", "give a blocked UKEY a new PIN"},
    DeedName{Deed::replace_platform, "replace-platform", "put another platform UKEY in place"},
    DeedName{Deed::change_quorum, "change-quorum", "change the officers"},
    DeedName{Deed::revoke, "revoke", "revoke a UKEY"},
    DeedName{Deed::publish_crl, "publish-crl", "publish the revocation list"},
    DeedName{Deed::retention, "retention", "change how long records are kept"},
    DeedName{Deed::recover_meter, "recover-meter", "let a meter download its keys once more"},
    DeedName{Deed::destroy, "destroy", "erase a UKEY"},
    DeedName{Deed::add_master, "add-master", "make a further master-control UKEY"},
    DeedName{Deed::issue_account, "issue-account", "add a network account"},
    DeedName{Deed::enable_account, "enable-account", "enable a network account"},
    DeedName{Deed::reset_account, "reset-account", "give a network account a new password"},
    DeedName{Deed::bind_account, "bind-account", "bind a network account to another certificate"},
    DeedName{Deed::hold_ceremony, "hold-ceremony", "hold the ceremony"},
    DeedName{Deed::request_certificate, "request-certificate", "have the issuing key ask a root for a certificate"},
};

Error wrong_version(std::string_view what, std::uint8_t version) {
    return {Code::malformed, "a " + std::string(what) + " of version " + std::to_string(version) + ", known is 1"};
}

base::Result<base::Millis> read_time(base::ByteReader& r) {
    KMP_TRY(const std::uint64_t time, r.u64());
    if (time >> 63 != 0) return Error{Code::malformed, "a time that is too large"};
    return static_cast<base::Millis>(time);
}

bool is_term_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kLongestName && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::string_view name(Deed deed) noexcept {
    for (const DeedName& d : kDeeds)
        if (d.deed == deed) return d.name;
    return "?";
}

std::string_view phrase(Deed deed) noexcept {
    for (const DeedName& d : kDeeds)
        if (d.deed == deed) return d.phrase;
    return "?";
}

base::Result<Deed> parse_deed(std::string_view text) {
    for (const DeedName& d : kDeeds)
        if (d.name == text) return d.deed;
    return {Code::invalid_argument, "no deed is called '" + std::string(text.substr(0, kLongestName)) + "'"};
}

base::Result<Deed> deed_from(std::uint64_t number) {
    for (const DeedName& d : kDeeds)
        if (static_cast<std::uint64_t>(d.deed) == number) return d.deed;
    return {Code::malformed, "no deed has the number " + std::to_string(number)};
}

std::string caution(unsigned needed, std::size_t officers) {
    if (officers == 0 || needed < officers) return {};
    return "every one of " + std::to_string(officers) + " officers is needed then: one lost UKEY, and nobody opens the master-control UKEY";
}

base::Bytes Quorum::encode() const {
    base::ByteWriter w;
    w.u8(kEncoding);
    w.sized16(home.text());
    w.u32(generation);
    w.u8(static_cast<std::uint8_t>(needed));
    w.u8(static_cast<std::uint8_t>(officers.size()));
    for (const Officer& o : officers) {
        w.sized16(o.ukey.text());
        w.sized16(o.holder);
        w.sized16(o.identity);
    }
    return std::move(w).take();
}

base::Result<Quorum> Quorum::decode(base::ByteView bytes) {
    base::ByteReader r(bytes);
    KMP_TRY(const std::uint8_t version, r.u8());
    if (version != kEncoding) return wrong_version("quorum", version);
    Quorum q;
    KMP_TRY(const std::string home_text, r.text16());
    KMP_TRY(q.home, base::UkeySerial::parse(home_text));
    KMP_TRY(q.generation, r.u32());
    KMP_TRY(q.needed, r.u8());
    KMP_TRY(const std::uint8_t count, r.u8());
    for (int i = 0; i < count; ++i) {
        Officer o;
        KMP_TRY(const std::string serial, r.text16());
        KMP_TRY(o.ukey, base::UkeySerial::parse(serial));
        KMP_TRY(o.holder, r.text16());
        KMP_TRY(const base::ByteView identity, r.sized16());
        o.identity = base::to_bytes(identity);
        q.officers.push_back(std::move(o));
    }
    KMP_CHECK(r.end());
    KMP_CHECK(q.validate());
    return q;
}

base::Status Quorum::validate() const {
    const auto bad = [](std::string text) { return Error{Code::invalid_argument, "quorum: " + std::move(text)}; };
    if (home.empty() || generation == 0) return bad("it belongs to a platform, and its generations start at 1");
    if (officers.size() < 2 || officers.size() > kMostOfficers) return bad("2 to 16 officers");
    if (needed < 2 || needed > officers.size())
        return bad(std::to_string(needed) + " of " + std::to_string(officers.size()) + " officers: at least 2, and no more than there are");
    std::set<std::string> holders;
    const base::UkeySerial* last = nullptr;
    for (const Officer& o : officers) {
        if (o.ukey.empty() || o.identity.empty()) return bad("an officer without a UKEY");
        if (last != nullptr && !(*last < o.ukey)) return bad("officers stand in the order of their serials, each once");
        last = &o.ukey;
        if (o.holder.empty() || o.holder.size() > kLongestHolder) return bad("an officer's name has 1 to 64 bytes");
        if (!holders.insert(o.holder).second) return bad("'" + o.holder + "' would be an officer twice; one person counts once");
    }
    return {};
}

const Officer* Quorum::find(const base::UkeySerial& ukey) const noexcept {
    for (const Officer& o : officers)
        if (o.ukey == ukey) return &o;
    return nullptr;
}

base::Bytes ApprovalRequest::encode() const {
    base::ByteWriter w;
    w.u8(kEncoding);
    w.u64(number);
    w.sized16(home.text());
    w.u32(generation);
    w.u8(static_cast<std::uint8_t>(deed));
    w.sized16(by);
    w.u64(static_cast<std::uint64_t>(made));
    w.u64(static_cast<std::uint64_t>(expires));
    w.u16(static_cast<std::uint16_t>(terms.size()));
    for (const auto& [term_name, value] : terms) {
        w.sized16(term_name);
        w.sized16(value);
    }
    return std::move(w).take();
}

base::Result<ApprovalRequest> ApprovalRequest::decode(base::ByteView bytes) {
    base::ByteReader r(bytes);
    KMP_TRY(const std::uint8_t version, r.u8());
    if (version != kEncoding) return wrong_version("request", version);
    ApprovalRequest out;
    KMP_TRY(out.number, r.u64());
    KMP_TRY(const std::string home_text, r.text16());
    KMP_TRY(out.home, base::UkeySerial::parse(home_text));
    KMP_TRY(out.generation, r.u32());
    KMP_TRY(const std::uint8_t deed_number, r.u8());
    KMP_TRY(out.deed, deed_from(deed_number));
    KMP_TRY(out.by, r.text16());
    KMP_TRY(out.made, read_time(r));
    KMP_TRY(out.expires, read_time(r));
    KMP_TRY(const std::uint16_t count, r.u16());
    for (int i = 0; i < count; ++i) {
        KMP_TRY(std::string term_name, r.text16());
        KMP_TRY(std::string value, r.text16());
        // One statement has one encoding: what was signed cannot be read in two ways.
        if (!out.terms.empty() && !(out.terms.rbegin()->first < term_name)) return Error{Code::malformed, "a request whose terms are not in order"};
        out.terms.emplace_hint(out.terms.end(), std::move(term_name), std::move(value));
    }
    KMP_CHECK(r.end());
    KMP_CHECK(out.validate());
    return out;
}

base::Status ApprovalRequest::validate() const {
    const auto bad = [](std::string text) { return Error{Code::invalid_argument, "request: " + std::move(text)}; };
    if (number == 0 || home.empty() || by.empty()) return bad("it has a number, a platform and somebody who asked");
    KMP_CHECK(deed_from(static_cast<std::uint64_t>(deed)));
    if (made < 0 || expires <= made) return bad("it ends after it was made");
    if (by.size() > 256) return bad("who asked has at most 256 bytes");
    if (terms.size() > kMostTerms) return bad("at most 32 terms");
    for (const auto& [term_name, value] : terms) {
        if (!is_term_name(term_name)) return bad("a term's name has 1 to 32 letters a to z or '_'");
        if (value.size() > kLongestTerm) return bad("term " + term_name + " is longer than 32768 bytes");
    }
    return {};
}

const std::string& ApprovalRequest::term(const std::string& term_name) const {
    static const std::string none;
    const auto it = terms.find(term_name);
    return it == terms.end() ? none : it->second;
}

base::Bytes vote_statement(base::ByteView request, bool agrees) {
    base::ByteWriter w;
    w.u8(kEncoding);
    w.u8(agrees ? 1 : 0);
    w.bytes(request);
    return std::move(w).take();
}

base::Bytes encode_votes(const std::vector<Vote>& votes) {
    base::ByteWriter w;
    for (const Vote& v : votes) {
        w.sized16(v.officer.text());
        w.u8(v.agrees ? 1 : 0);
        w.sized16(v.signature);
    }
    return std::move(w).take();
}

base::Result<std::vector<Vote>> decode_votes(base::ByteView bytes) {
    base::ByteReader r(bytes);
    std::vector<Vote> out;
    while (r.left() > 0) {
        Vote v;
        KMP_TRY(const std::string officer, r.text16());
        KMP_TRY(v.officer, base::UkeySerial::parse(officer));
        KMP_TRY(const std::uint8_t agrees, r.u8());
        v.agrees = agrees == 1;
        KMP_TRY(const base::ByteView signature, r.sized16());
        v.signature = base::to_bytes(signature);
        out.push_back(std::move(v));
    }
    return out;
}

base::Bytes act_statement(std::string_view what, base::ByteView subject) {
    base::ByteWriter w;
    w.u8(kEncoding);
    w.sized16(what);
    w.bytes(subject);
    return std::move(w).take();
}

std::string_view name(Standing standing) noexcept {
    switch (standing) {
        case Standing::waiting: return "waiting";
        case Standing::approved: return "approved";
        case Standing::rejected: return "rejected";
        case Standing::expired: return "expired";
        case Standing::voided: return "void";
    }
    return "?";
}

unsigned agreeing(const std::vector<Vote>& votes, const Quorum& quorum) {
    std::set<std::string> holders;
    for (const Vote& v : votes)
        if (const Officer* officer = quorum.find(v.officer); officer != nullptr && v.agrees) holders.insert(officer->holder);
    return static_cast<unsigned>(holders.size());
}

Standing standing(const ApprovalRequest& request, const std::vector<Vote>& votes, const Quorum& quorum, base::Millis now) {
    if (request.generation != quorum.generation || request.home != quorum.home) return Standing::voided;
    for (const Vote& v : votes)
        if (!v.agrees && quorum.find(v.officer) != nullptr) return Standing::rejected;
    if (now >= request.expires) return Standing::expired;
    return agreeing(votes, quorum) >= quorum.needed ? Standing::approved : Standing::waiting;
}

}  // namespace model
