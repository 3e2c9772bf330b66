#include <algorithm>
#include <filesystem>
#include <set>

#include "audit/replay.h"
#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/revocation.h"
#include "kmp/service/opening.h"
#include "kmp/service/platform_file.h"
#include "kmp/service/recovery.h"
#include "kmp/service/tables.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr base::Millis kAnchorLife = 20 * 365 * base::kDay;

/// "kmp/<utility>/<platform>": no white space and no '+', as C2SP signed notes want it.
std::string origin_of(const std::string& utility, const base::UkeySerial& platform) {
    std::string out = "kmp/";
    for (char c : utility) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        out.push_back(plain ? c : '-');
    }
    return out + "/" + platform.text();
}

/// Everything that a ceremony makes, on its way to the database.
struct Ceremony {
    Ceremony(Job& j, const wire::pb::Init& r) : job(j), request(r) {}
    Job& job;
    const wire::pb::Init& request;
    unsigned step = 0;
    unsigned steps = 0;
    base::Millis now = 0;
    MadeUkey platform;
    MadeUkey master;
    std::vector<MadeUkey> officers;
    base::Secret quorum_secret;  ///< empty: one person holds the master-control UKEY
    tokens::SignedQuorum quorum;
    std::vector<std::pair<base::UkeySerial, base::Bytes>> shares;
    std::optional<pki::Certificate> anchor;
    std::optional<pki::Crl> crl;
    std::string minutes;
    SignedDeed deed;

    void tell(std::string_view what) { job.progress(what, step++, steps); }
    bool dual() const { return request.officers_size() > 0; }
    std::vector<const MadeUkey*> all() const {
        std::vector<const MadeUkey*> out{&platform, &master};
        for (const MadeUkey& o : officers) out.push_back(&o);
        return out;
    }
};

base::Status check(const wire::pb::Init& request) {
    KMP_CHECK(check_line(request.utility(), "utility", 64));
    if (request.day_offset_minutes() < -720 || request.day_offset_minutes() > 840) return {Code::invalid_argument, "day offset: -12:00 to +14:00"};
    std::set<std::string> readers{request.platform_reader(), request.master_reader()};
    std::set<std::string> holders;
    const int n = request.officers_size();
    if (n == 0 && request.quorum() != 0) return {Code::invalid_argument, "quorum: it needs officers; name them, or leave it out"};
    if (n != 0 && (n < 2 || n > static_cast<int>(model::Quorum::kMostOfficers) || request.quorum() < 2 || request.quorum() > static_cast<unsigned>(n)))
        return {Code::invalid_argument, "quorum: " + std::to_string(request.quorum()) + " of " + std::to_string(n) + " officers cannot be; 2 to 16 officers, and at least 2 of them"};
    for (const auto& o : request.officers()) {
        readers.insert(o.reader());
        KMP_CHECK(check_line(o.holder(), "officer", 64));
        if (!holders.insert(o.holder()).second) return {Code::invalid_argument, "officer: '" + o.holder() + "' would be an officer twice; one person counts once"};
    }
    if (readers.size() != static_cast<std::size_t>(n) + 2) return {Code::invalid_argument, "every UKEY of the ceremony needs a reader of its own"};
    return {};
}

/// A PIN of the ceremony, checked by the rules for new ones.
base::Result<base::Secret> new_pin(Job& job, const std::string& role) {
    KMP_TRY(base::Secret pin, job.take_pin(role));
    if (auto good = tokens::check_new_pin(pin); !good) return std::move(good).error().in(role + " PIN");
    return pin;
}

base::Result<MadeUkey> make_one(Ceremony& c, const tokens::Slot& slot, model::UkeyKind kind, const std::function<base::Result<base::Secret>(const base::UkeySerial&, const tokens::UkeyFile&)>& pin) {
    return make_without_log(c.job, slot, kind, tokens::make_serial(kind), pin);
}

/// The PIN that a person typed, stretched.
auto typed(const base::Secret& pin) {
    return [&pin](const base::UkeySerial&, const tokens::UkeyFile& file) -> base::Result<base::Secret> {
        KMP_TRY(const base::Secret stretched, tokens::stretch(pin, file.salt));
        return tokens::as_token_pin(stretched);
    };
}

base::Status make_all(Ceremony& c) {
    KMP_TRY(const base::Secret platform_pin, new_pin(c.job, "platform"));
    std::vector<base::Secret> officer_pins;
    base::Secret master_pin;
    if (c.dual()) {
        for (int i = 1; i <= c.request.officers_size(); ++i) {
            KMP_TRY(base::Secret pin, new_pin(c.job, "officer" + std::to_string(i)));
            officer_pins.push_back(std::move(pin));
        }
        c.quorum_secret = base::Secret::random(32);
    } else {
        KMP_TRY(master_pin, new_pin(c.job, "master"));
    }
    // All of them are there before the first one is touched.
    KMP_TRY(const tokens::Slot platform_slot, blank_for_ceremony(c.job, c.request.platform_reader()));
    KMP_TRY(const tokens::Slot master_slot, blank_for_ceremony(c.job, c.request.master_reader()));
    std::vector<tokens::Slot> officer_slots;
    for (const auto& o : c.request.officers()) {
        KMP_TRY(tokens::Slot slot, blank_for_ceremony(c.job, o.reader()));
        officer_slots.push_back(std::move(slot));
    }
    c.tell("the platform UKEY makes its keys");
    KMP_TRY(c.platform, make_one(c, platform_slot, model::UkeyKind::platform, typed(platform_pin)));
    c.tell("the master-control UKEY makes its issuing key and the class masters");
    if (c.dual()) {
        KMP_TRY(c.master, make_one(c, master_slot, model::UkeyKind::master_control, [&](const base::UkeySerial& serial, const tokens::UkeyFile&) -> base::Result<base::Secret> {
                    return quorum_pin(c.quorum_secret, serial);
                }));
    } else {
        KMP_TRY(c.master, make_one(c, master_slot, model::UkeyKind::master_control, typed(master_pin)));
    }
    for (int i = 0; i < c.request.officers_size(); ++i) {
        c.tell("the UKEY of officer " + c.request.officers(i).holder() + " makes its keys");
        KMP_TRY(MadeUkey made, make_one(c, officer_slots[static_cast<std::size_t>(i)], model::UkeyKind::officer, typed(officer_pins[static_cast<std::size_t>(i)])));
        c.officers.push_back(std::move(made));
    }
    return {};
}

base::Status certify_all(Ceremony& c) {
    c.tell("the trust anchor is made");
    tokens::TokenSigner issuing(*c.master.token, "issuing");
    pki::CertificateOrder order;
    order.profile = pki::Profile::issuing;
    order.subject = {c.request.utility(), model::UkeyKind::master_control, c.master.record.serial, ""};
    order.spki = c.master.keys.at("issuing");
    order.not_before = c.now - base::kHour;  // clocks of other machines may be a little behind
    order.not_after = c.now + kAnchorLife;
    KMP_TRY(c.anchor, pki::issue_anchor(order, issuing));

    c.tell("all UKEYs get their certificates");
    const auto give = [&](MadeUkey& made, const std::string& holder) { return certify(made, c.request.utility(), holder, c.now, c.now + kLongUkeyLife, {*c.anchor, *c.anchor}, *c.master.token); };
    KMP_CHECK(give(c.master, c.dual() ? "the officers" : "security officer"));
    KMP_CHECK(give(c.platform, "kmpd"));
    for (int i = 0; i < c.request.officers_size(); ++i) KMP_CHECK(give(c.officers[static_cast<std::size_t>(i)], c.request.officers(i).holder()));
    // The vault keeps the pepper as well: a new platform UKEY gets it from there.
    KMP_TRY(const auto pepper, c.master.token->wrap_masters(c.master.so_pin.duplicate(), {c.platform.record.certificates.at("transport"), {}, {}, {"pepper"}}));
    KMP_CHECK(c.platform.token->unwrap_masters(pepper, {}));
    KMP_TRY(c.crl, sign_first_crl(*c.anchor, *c.master.token, c.now));
    return {};
}

/// Where SO PINs are kept, and who opens the master-control UKEY.
base::Status share_out(Ceremony& c) {
    const auto keep = [&](MadeUkey& made) -> base::Status {
        if (c.dual() && made.record.kind != model::UkeyKind::platform) {
            KMP_TRY(made.record.sealed_so_pin, seal_so_pin_for_quorum(c.quorum_secret, made.record.serial, made.so_pin));
        } else {
            KMP_TRY(made.record.sealed_so_pin, seal_so_pin_in_vault(*c.master.token, made.record.serial, made.so_pin));
        }
        return {};
    };
    KMP_CHECK(keep(c.platform));
    KMP_CHECK(keep(c.master));
    for (MadeUkey& o : c.officers) KMP_CHECK(keep(o));
    if (!c.dual()) return {};

    c.tell("the master-control UKEY's PIN is split among the officers");
    model::Quorum& q = c.quorum.quorum;
    q.home = c.platform.record.serial;
    q.generation = 1;
    q.needed = c.request.quorum();
    for (const MadeUkey& o : c.officers) q.officers.push_back({o.record.serial, o.record.holder, o.keys.at("identity")});
    std::ranges::sort(q.officers, {}, &model::Officer::ukey);
    KMP_CHECK(q.validate());
    c.quorum.statement = q.encode();
    c.quorum.secret = tokens::digest_of_quorum_secret(c.quorum_secret);
    KMP_TRY(c.quorum.signature, c.master.token->sign_statement("quorum", c.quorum.statement));
    const std::vector<tokens::Share> shares = tokens::split(c.quorum_secret, static_cast<unsigned>(c.officers.size()), q.needed);
    for (std::size_t i = 0; i < c.officers.size(); ++i) {
        KMP_TRY(base::Bytes blob, encrypt_share(shares[i], q.generation, c.officers[i].keys.at("transport")));
        c.shares.emplace_back(c.officers[i].record.serial, std::move(blob));
    }
    return {};
}

std::string write_minutes(const Ceremony& c) {
    const auto of = [](const MadeUkey& made) { return made.record.serial.text() + " (token " + made.record.token_serial + ")"; };
    std::string out = "Key ceremony of " + c.request.utility() + "\nHeld: " + base::to_rfc3339(c.now) + " by " + c.job.peer.text();
    out += "\nPlatform UKEY: " + of(c.platform);
    out += "\nMaster-control UKEY: " + of(c.master) + ", " + (c.dual() ? std::to_string(c.request.quorum()) + " of " + std::to_string(c.officers.size()) + " officers" : "one officer");
    if (const std::string caution = model::caution(c.request.quorum(), c.officers.size()); !caution.empty()) out += "\nCaution: " + caution;
    for (const MadeUkey& o : c.officers) out += "\nOfficer: " + o.record.holder + ", UKEY " + of(o) + ", identity key SHA-256 " + base::to_hex(base::sha256(o.keys.at("identity")));
    out += "\nClass masters: control, identity, remote, parameter, credit, card; factory set, and version 1 for the private state";
    out += "\nTrust anchor, SHA-256: " + base::to_hex(c.anchor->fingerprint());
    out += "\nCheckpoint key, SHA-256: " + base::to_hex(base::sha256(c.platform.keys.at("checkpoint"))) + "\n";
    return out;
}

/// The trust anchor's word for how the log begins: whose it is, and which UKEYs there are.
base::Status sign_ceremony(Ceremony& c) {
    model::ApprovalRequest deed;
    deed.number = 1;
    deed.home = c.platform.record.serial;
    deed.deed = model::Deed::hold_ceremony;
    deed.by = c.job.peer.text();
    deed.made = c.now;
    std::string ukeys;
    for (const MadeUkey* made : c.all()) ukeys += made->record.serial.text() + "\t" + std::string(model::name(made->record.kind)) + "\t" + made->record.holder + "\n";
    deed.terms = {{"origin", origin_of(c.request.utility(), c.platform.record.serial)}, {"utility", c.request.utility()}, {"day_offset_minutes", std::to_string(c.request.day_offset_minutes())},
                  {"checkpoint_key", base::to_hex(base::sha256(c.platform.keys.at("checkpoint")))}, {"ukeys", ukeys}, {"minutes", c.minutes}};
    KMP_TRY(c.deed, sign_deed(*c.master.token, c.master.record.serial, std::move(deed)));
    return {};
}

/// The first records of the log, and the rows that belong to them, in one transaction.
base::Status write_genesis(Ceremony& c, const base::Secret& key) {
    Job& job = c.job;
    const std::string path = job.service.config().database();
    // What a ceremony that did not reach its end has left: nothing refers to it, since platform.toml was never written.
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    KMP_TRY(store::Database database, store::Database::open(path, key, store::Mode::create));
    KMP_CHECK(store::migrate(database, all_schemas()));
    KMP_TRY(audit::Journal journal, audit::Journal::open(database));
    KMP_TRY(store::Transaction t, database.begin());
    Event genesis(EventType::genesis);
    genesis.text(Field::origin, origin_of(c.request.utility(), c.platform.record.serial)).text(Field::utility, c.request.utility());
    genesis.number(Field::day_offset, static_cast<std::uint64_t>(c.request.day_offset_minutes() + 720)).bytes(Field::trust_anchor, c.anchor->der());
    genesis.bytes(Field::checkpoint_key, c.platform.keys.at("checkpoint")).bytes(Field::certificate, c.platform.record.certificates.at("checkpoint"));
    genesis.text(Field::ukey, c.platform.record.serial.text()).text(Field::version, kVersion).bytes(Field::fingerprint, c.anchor->fingerprint());
    if (c.dual()) genesis.bytes(Field::quorum, c.quorum.statement).bytes(Field::signature, c.quorum.signature);
    job.describe(genesis);
    genesis.number(Field::rules, audit::kDeedsSigned);
    KMP_CHECK(journal.append(t, genesis, c.now));
    KMP_TRY(const audit::Receipt signed_at, journal.append(t, c.deed.event(job, "hold the ceremony"), c.now));
    const Word word{0, signed_at.index};
    for (const MadeUkey* made : c.all()) KMP_CHECK(enter_without_writer(job, journal, t, made->record, c.now, word));
    if (c.dual()) KMP_CHECK(tokens::registry::add_quorum(t, c.quorum));
    for (const auto& [officer, blob] : c.shares) KMP_CHECK(tokens::registry::put_share(t, c.quorum.quorum.generation, officer, blob));
    KMP_CHECK(journal.append(t, crl_event(job, *c.crl, word), c.now));
    KMP_CHECK(tables::add_crl(t, c.crl->issuer().ukey, c.crl->number(), c.crl->der()));
    Event written(EventType::ceremony_minutes);
    job.describe(written);
    word.name(written);
    written.text(Field::note, c.minutes);
    KMP_CHECK(journal.append(t, written, c.now));
    KMP_CHECK(t.commit());
    journal.committed();
    return {};
}

wire::pb::InitReply reply_of(const Ceremony& c) {
    wire::pb::InitReply reply;
    reply.set_platform(c.platform.record.serial.text());
    reply.set_master(c.master.record.serial.text());
    for (const MadeUkey& o : c.officers) reply.add_officers(o.record.serial.text());
    reply.set_trust_anchor_pem(c.anchor->pem());
    reply.set_trust_anchor_fingerprint(base::to_hex(c.anchor->fingerprint()));
    reply.set_minutes(c.minutes);
    return reply;
}

}  // namespace

base::Result<wire::pb::InitReply> hold_ceremony(Job& job, const wire::pb::Init& request) {
    Service& service = job.service;
    if (service.on_io([&] { return service.phase(); }) != Phase::uninitialised)
        return {Code::already_exists, "a ceremony has been held here already; use another --home for another utility"};
    KMP_CHECK(check(request));
    Ceremony c(job, request);
    c.steps = 7 + static_cast<unsigned>(request.officers_size()) + (request.officers_size() > 0 ? 1 : 0);
    c.now = service.clock().now();
    KMP_CHECK(make_all(c));
    KMP_CHECK(certify_all(c));
    KMP_CHECK(share_out(c));
    c.platform.record.state = c.master.record.state = model::UkeyState::issued;
    if (c.dual()) c.master.record.pin_generation = c.quorum.quorum.generation;
    for (MadeUkey& o : c.officers) o.record.state = model::UkeyState::issued;
    for (model::KeyClass k : model::kAllClasses) {
        c.master.record.masters.push_back({k, model::KeyState::factory, 0});
        c.master.record.masters.push_back({k, model::KeyState::production, 1});
    }

    c.tell("the database is made");
    const base::Secret database_key = base::Secret::random(32);
    PlatformFile file;
    file.platform = c.platform.record.serial;
    KMP_TRY(file.database_key, c.platform.token->wrap_database_key(database_key));
    KMP_TRY(c.master.record.database_key, seal_database_key(c.master.keys.at("recovery"), database_key));
    c.minutes = write_minutes(c);
    KMP_CHECK(sign_ceremony(c));
    KMP_CHECK(write_genesis(c, database_key));

    c.tell("the home is closed behind it");
    // From here on the home is initialised: everything before leaves no trace but UKEYs that nobody knows.
    KMP_CHECK(write_platform_file(service.config().platform_file(), file));
    (void)c.master.token->logout();
    for (const MadeUkey& o : c.officers) (void)o.token->logout();
    std::vector<std::string> notes;
    KMP_TRY(auto books, open_database(job, database_key, c.platform.record.serial, notes));
    KMP_CHECK(books->writer->write(opened_entry(job, "by the ceremony")));
    KMP_CHECK(write_recovery(job, *books));
    service.on_io([&] { service.open(std::move(books)); });

    c.tell("the first checkpoint is signed");
    KMP_CHECK(sign_checkpoint(job));
    return reply_of(c);
}

}  // namespace kmp::service
