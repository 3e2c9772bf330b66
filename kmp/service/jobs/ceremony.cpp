#include <filesystem>

#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/revocation.h"
#include "kmp/service/opening.h"
#include "kmp/service/platform_file.h"
#include "kmp/service/tables.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr base::Millis kAnchorLife = 20 * 365 * base::kDay;
constexpr base::Millis kUkeyLife = 10 * 365 * base::kDay;
constexpr unsigned kSteps = 7;

/// "kmp/<utility>/<platform>": no white space and no '+', as C2SP signed notes want it.
std::string origin_of(const std::string& utility, const base::UkeySerial& platform) {
    std::string out = "kmp/";
    for (char c : utility) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        out.push_back(plain ? c : '-');
    }
    return out + "/" + platform.text();
}

/// The first records of the log, and the rows that belong to them, in one transaction.
base::Status write_genesis(Job& job, const base::Secret& key, const std::string& utility, int day_offset, const pki::Certificate& anchor,
                           const MadeUkey& platform, const MadeUkey& master, const pki::Crl& crl, const std::string& minutes) {
    const std::string path = job.service.config().database();
    // What a ceremony that did not reach its end has left: nothing refers to it, since platform.toml was never written.
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    KMP_TRY(store::Database database, store::Database::open(path, key, store::Mode::create));
    KMP_CHECK(store::migrate(database, all_schemas()));
    KMP_TRY(audit::Journal journal, audit::Journal::open(database));
    KMP_TRY(store::Transaction t, database.begin());
    const base::Millis now = job.service.clock().now();
    Event genesis(EventType::genesis);
    genesis.text(Field::origin, origin_of(utility, platform.record.serial)).text(Field::utility, utility);
    genesis.number(Field::day_offset, static_cast<std::uint64_t>(day_offset + 720)).bytes(Field::trust_anchor, anchor.der());
    genesis.bytes(Field::checkpoint_key, platform.keys.at("checkpoint")).bytes(Field::certificate, platform.record.certificates.at("checkpoint"));
    genesis.text(Field::ukey, platform.record.serial.text()).text(Field::version, kVersion).bytes(Field::fingerprint, anchor.fingerprint());
    KMP_CHECK(journal.append(t, genesis, now));
    for (const MadeUkey* made : {&platform, &master}) {
        const tokens::UkeyRecord& r = made->record;
        Event initialised(EventType::ukey_initialised);
        job.describe(initialised);
        initialised.text(Field::ukey, r.serial.text()).value(Field::ukey_kind, r.kind).text(Field::token_serial, r.token_serial);
        KMP_CHECK(journal.append(t, initialised, now));
        Event issued(EventType::ukey_issued);
        job.describe(issued);
        issued.text(Field::ukey, r.serial.text()).value(Field::ukey_kind, r.kind).text(Field::holder, r.holder).text(Field::token_serial, r.token_serial);
        issued.time(Field::not_after, r.not_after).bytes(Field::fingerprint, base::sha256(r.certificates.at("identity"))).bytes(Field::certificate, r.certificates.at("identity"));
        KMP_CHECK(journal.append(t, issued, now));
        KMP_CHECK(tokens::registry::insert(t, r));
        KMP_CHECK(tokens::registry::set_issued(t, r));
    }
    KMP_CHECK(journal.append(t, crl_event(crl), now));
    KMP_CHECK(tables::add_crl(t, crl.number(), crl.der()));
    Event written(EventType::ceremony_minutes);
    job.describe(written);
    written.text(Field::note, minutes);
    KMP_CHECK(journal.append(t, written, now));
    KMP_CHECK(t.commit());
    journal.committed();
    return {};
}

std::string write_minutes(const Job& job, const std::string& utility, const pki::Certificate& anchor, const MadeUkey& platform, const MadeUkey& master) {
    std::string out = "Key ceremony of " + utility + "\nHeld: " + base::to_rfc3339(job.service.clock().now()) + " by " + job.peer.text();
    out += "\nPlatform UKEY: " + platform.record.serial.text() + " (token " + platform.record.token_serial + ")";
    out += "\nMaster-control UKEY: " + master.record.serial.text() + " (token " + master.record.token_serial + "), one officer";
    out += "\nClass masters: control, identity, remote, parameter, credit, card; factory set, and version 1 for the private state";
    out += "\nTrust anchor, SHA-256: " + base::to_hex(anchor.fingerprint());
    out += "\nCheckpoint key, SHA-256: " + base::to_hex(base::sha256(platform.keys.at("checkpoint"))) + "\n";
    return out;
}

}  // namespace

base::Result<wire::pb::InitReply> hold_ceremony(Job& job, const wire::pb::Init& request) {
    Service& service = job.service;
    if (service.on_io([&] { return service.phase(); }) != Phase::uninitialised)
        return {Code::already_exists, "a ceremony has been held here already; use another --home for another utility"};
    const std::string& utility = request.utility();
    if (utility.empty() || utility.size() > 64) return {Code::invalid_argument, "utility: 1 to 64 bytes"};
    if (request.day_offset_minutes() < -720 || request.day_offset_minutes() > 840) return {Code::invalid_argument, "day offset: -12:00 to +14:00"};
    if (request.platform_reader() == request.master_reader()) return {Code::invalid_argument, "the platform and the master-control UKEY need two readers"};
    KMP_TRY(const base::Secret platform_pin, job.take_pin("platform"));
    KMP_TRY(const base::Secret master_pin, job.take_pin("master"));
    if (auto good = tokens::check_new_pin(platform_pin); !good) return std::move(good).error().in("platform PIN");
    if (auto good = tokens::check_new_pin(master_pin); !good) return std::move(good).error().in("master PIN");
    KMP_TRY(const tokens::Slot platform_slot, blank_in(job, request.platform_reader()));
    KMP_TRY(const tokens::Slot master_slot, blank_in(job, request.master_reader()));

    const base::UkeySerial platform_serial = tokens::make_serial(model::UkeyKind::platform);
    const base::UkeySerial master_serial = tokens::make_serial(model::UkeyKind::master_control);
    // There is no audit log yet: the sealed log takes the intent, and is imported when there is one.
    KMP_CHECK(service.on_io([&] {
        return service.sealed_log().append(service.clock().now(), "intent", "ceremony of " + utility + ": initialise " + platform_serial.text() + " in " +
                                                                                request.platform_reader() + " and " + master_serial.text() + " in " + request.master_reader());
    }));

    job.progress("the platform UKEY makes its keys", 0, kSteps);
    const tokens::UkeyFile platform_file = new_ukey_file(platform_slot, platform_serial, model::UkeyKind::platform);
    KMP_TRY(const base::Secret platform_stretched, tokens::stretch(platform_pin, platform_file.salt));
    KMP_TRY(MadeUkey platform, make_ukey(job, platform_slot, model::UkeyKind::platform, platform_serial, tokens::as_token_pin(platform_stretched), platform_file));

    job.progress("the master-control UKEY makes its issuing key and the class masters", 1, kSteps);
    const tokens::UkeyFile master_file = new_ukey_file(master_slot, master_serial, model::UkeyKind::master_control);
    KMP_TRY(const base::Secret master_stretched, tokens::stretch(master_pin, master_file.salt));
    KMP_TRY(MadeUkey master, make_ukey(job, master_slot, model::UkeyKind::master_control, master_serial, tokens::as_token_pin(master_stretched), master_file));

    job.progress("the trust anchor is made", 2, kSteps);
    const base::Millis now = service.clock().now();
    tokens::TokenSigner issuing(*master.token, "issuing");
    pki::CertificateOrder anchor_order;
    anchor_order.profile = pki::Profile::issuing;
    anchor_order.subject = {utility, model::UkeyKind::master_control, master_serial, ""};
    anchor_order.spki = master.keys.at("issuing");
    anchor_order.not_before = now - base::kHour;  // clocks of other machines may be a little behind
    anchor_order.not_after = now + kAnchorLife;
    KMP_TRY(const pki::Certificate anchor, pki::issue_anchor(anchor_order, issuing));

    job.progress("both UKEYs get their certificates", 3, kSteps);
    KMP_CHECK(certify(master, utility, "security officer", now - base::kHour, now + kUkeyLife, anchor, *master.token));
    KMP_CHECK(certify(platform, utility, "kmpd", now - base::kHour, now + kUkeyLife, anchor, *master.token));
    KMP_TRY(master.record.sealed_so_pin, master.token->seal_so_pin(master_serial, master.so_pin));
    KMP_TRY(platform.record.sealed_so_pin, master.token->seal_so_pin(platform_serial, platform.so_pin));
    KMP_TRY(const pki::Crl crl, sign_first_crl(anchor, *master.token, now));
    for (MadeUkey* made : {&platform, &master}) made->record.state = model::UkeyState::issued;
    for (model::KeyClass c : model::kAllClasses) {
        master.record.masters.push_back({c, model::KeyState::factory, 0});
        master.record.masters.push_back({c, model::KeyState::production, 1});
    }

    job.progress("the database is made", 4, kSteps);
    const base::Secret database_key = base::Secret::random(32);
    PlatformFile file;
    file.platform = platform_serial;
    KMP_TRY(file.database_key, platform.token->wrap_database_key(database_key));
    KMP_TRY(file.database_key_backup, encrypt_to_transport_key(master.keys.at("transport"), database_key));
    const std::string minutes = write_minutes(job, utility, anchor, platform, master);
    KMP_CHECK(write_genesis(job, database_key, utility, request.day_offset_minutes(), anchor, platform, master, crl, minutes));

    job.progress("the home is closed behind it", 5, kSteps);
    // From here on the home is initialised: everything before leaves no trace but two UKEYs that nobody knows.
    KMP_CHECK(write_platform_file(service.config().platform_file(), file));
    (void)master.token->logout();
    std::vector<std::string> notes;
    KMP_TRY(auto books, open_database(job, database_key, platform_serial, notes));
    Event unsealed(EventType::unsealed);
    job.describe(unsealed);
    unsealed.text(Field::detail, "by the ceremony");
    Entry entry;
    entry.events.push_back(std::move(unsealed));
    KMP_CHECK(books->writer->write(std::move(entry)));
    service.on_io([&] { service.open(std::move(books)); });

    job.progress("the first checkpoint is signed", 6, kSteps);
    KMP_CHECK(sign_checkpoint(job));
    wire::pb::InitReply reply;
    reply.set_platform(platform_serial.text());
    reply.set_master(master_serial.text());
    reply.set_trust_anchor_pem(anchor.pem());
    reply.set_trust_anchor_fingerprint(base::to_hex(anchor.fingerprint()));
    reply.set_minutes(minutes);
    return reply;
}

}  // namespace kmp::service
