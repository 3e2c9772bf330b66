// Another platform UKEY takes the place of the one of before: because that is lost or worn, or because the machine is, and all that is left is a
// backup, a master-control UKEY, and who opens it. There are no books before the end of it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "audit/checkpoint.h"
#include "audit/replay.h"
#include "base/words.h"
#include "kmp/service/backup.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/jobs/revocation.h"
#include "kmp/service/opening.h"
#include "kmp/service/own_checkpoint.h"
#include "kmp/service/platform_file.h"
#include "kmp/service/recovery.h"
#include "kmp/service/tables.h"
#include "standby/series.h"
#include "standby/successor.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr unsigned kSteps = 6;

struct OpenOfficer {
    model::Officer officer;
    std::unique_ptr<tokens::Token> token;
};

struct Restoration {
    Restoration(Job& j, const wire::pb::Restore& r) : job(j), request(r) {}
    ~Restoration() {
        for (OpenOfficer& o : officers) (void)o.token->logout();
    }
    Job& job;
    const wire::pb::Restore& request;
    Recovery recovery;
    std::optional<House> house;  ///< as far as it speaks for itself: the issuing certificates
    std::unique_ptr<MasterUkey> master;
    std::vector<OpenOfficer> officers;
    base::Secret database_key;
    std::string staged;          ///< the database that is worked on
    std::uint64_t events = 0;    ///< that it held
    base::Digest backup_hash{};
    base::Millis backup_made = 0;  ///< 0: it goes by none
    std::optional<standby::Report> feed;  ///< what it goes by is no backup but a standby's feed
    std::string told;            ///< of the feed, for the minutes
    standby::Successor successor;
    base::UkeySerial former;
    MadeUkey platform;
    std::string minutes;
    Word word;

    bool from_backup() const { return !request.folder().empty(); }
    base::Millis now() const { return job.service.clock().now(); }
    void tell(std::string_view what, unsigned step) const { job.progress(what, step, kSteps); }
};

// ---- who may ------------------------------------------------------------------------------------------------------------

/// Wrong PINs are counted where there is no database: in the sealed log, for each UKEY, since its last right one.
unsigned wrong_pins(Job& job, const base::UkeySerial& ukey) {
    return job.service.on_io([&] {
        unsigned wrong = 0;
        for (const SealedLog::Entry& e : job.service.sealed_log().entries()) {
            if (e.what == "restore_pin_failed" && e.detail == ukey.text()) ++wrong;
            if (e.what == "restore_pin_accepted" && e.detail == ukey.text()) wrong = 0;
        }
        return wrong;
    });
}

base::Status log_in(Job& job, tokens::Token& token, const base::UkeySerial& ukey, const std::string& role, base::ByteView salt) {
    if (wrong_pins(job, ukey) >= tokens::kMaxWrongPins) return {Code::pin_locked, "UKEY " + ukey.text() + " is blocked here after 10 wrong PINs; let others of the officers open it"};
    KMP_TRY(const base::Secret pin, job.take_pin(role));
    KMP_TRY(const base::Secret stretched, tokens::stretch(pin, salt));
    base::Status opened = token.login(tokens::as_token_pin(stretched));
    const bool wrong = !opened && opened.error().code == Code::wrong_pin;
    if (!opened && !wrong) return opened;
    KMP_CHECK(job.service.on_io([&] { return job.service.sealed_log().append(job.service.clock().now(), wrong ? "restore_pin_failed" : "restore_pin_accepted", ukey.text()); }));
    if (!wrong) return {};
    return {Code::wrong_pin, "wrong PIN for UKEY " + ukey.text() + "; " + tokens::tries_left(wrong_pins(job, ukey))};
}

base::Result<std::unique_ptr<tokens::Token>> token_of(Job& job, const base::UkeySerial& ukey, std::string_view what) {
    auto slot = job.service.on_io([&] { return job.service.bay().by_serial(ukey); });
    if (!slot) return std::move(slot).error().in(std::string(what) + " " + ukey.text() + " is needed");
    return std::make_unique<tokens::Token>(slot->channel, std::string(what) + " " + ukey.text());
}

/// What was read hangs together: the anchor is one, it certified the others, and they signed who the officers are.
base::Status check_recovery(Restoration& r) {
    const auto wrong = [&](std::string what) { return base::Error{Code::tampered, "what this restore goes by was changed: " + std::move(what)}; };
    auto anchor = pki::Certificate::from_der(r.recovery.anchor);
    if (!anchor) return wrong(anchor.error().message);
    if (auto self = pki::verify(*anchor, *anchor, r.now()); !self) return wrong(self.error().message);
    House house{r.recovery.utility, {}, {}, {}, 0, *anchor, *anchor, {}, {}};
    for (const base::Bytes& der : r.recovery.issuers) {
        auto issuer = pki::Certificate::from_der(der);
        if (!issuer) return wrong(issuer.error().message);
        if (auto held = pki::verify_issuer(*issuer, *anchor, r.now()); !held) return wrong(held.error().message);
        house.issuers.push_back(std::move(*issuer));
    }
    for (const tokens::SignedQuorum& q : r.recovery.quorums)
        if (!house.signed_by_master("quorum", q.statement, q.signature)) return wrong("no master-control UKEY signed its officers");
    r.house = std::move(house);
    return {};
}

base::Result<base::Secret> open_officers(Restoration& r) {
    const tokens::SignedQuorum& today = r.recovery.quorums.back();
    if (static_cast<unsigned>(r.request.officers_size()) < today.quorum.needed)
        return {Code::refused, "officers: " + std::to_string(r.request.officers_size()) + " of the " + std::to_string(today.quorum.needed) + " that are needed are named"};
    std::vector<tokens::Share> shares;
    std::vector<std::string> holders;
    for (int i = 0; i < r.request.officers_size(); ++i) {
        KMP_TRY(const base::UkeySerial serial, base::UkeySerial::parse(r.request.officers(i)));
        const model::Officer* officer = today.quorum.find(serial);
        const auto kept = std::ranges::find(r.recovery.officers, serial, &Recovery::Officer::ukey);
        if (officer == nullptr || kept == r.recovery.officers.end()) return {Code::refused, "officers: UKEY " + serial.text() + " is not one of the officers'"};
        if (std::ranges::find(holders, officer->holder) != holders.end()) return {Code::refused, "officers: " + officer->holder + " is named twice; one person counts once"};
        holders.push_back(officer->holder);
        KMP_TRY(auto token, token_of(r.job, serial, "officer UKEY"));
        KMP_CHECK(log_in(r.job, *token, serial, "officer" + std::to_string(i + 1), kept->salt));
        KMP_TRY(auto share, token->open_share(kept->share));
        if (share.first != today.quorum.generation) return {Code::tampered, "the share of officer UKEY " + serial.text() + " is of another quorum"};
        shares.push_back(std::move(share.second));
        r.officers.push_back({*officer, std::move(token)});
    }
    KMP_TRY(base::Secret secret, tokens::join(shares));
    if (tokens::digest_of_quorum_secret(secret) != today.secret) return {Code::tampered, "the officers' shares do not fit together: one of them was changed"};
    return secret;
}

/// Right after a start or a seal the hosts of the UKEYs are still coming up: that is worth a moment's wait.
void wait_for_readers(Job& job) {
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5); std::chrono::steady_clock::now() < end;) {
        const bool starting = job.service.on_io([&] { return std::ranges::any_of(job.service.bay().slots(), [](const tokens::Slot& s) { return s.content == tokens::Content::starting; }); });
        if (!starting) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

base::Status open_master(Restoration& r) {
    wait_for_readers(r.job);
    const Recovery::Master* found = nullptr;
    for (const Recovery::Master& m : r.recovery.masters)
        if (found == nullptr && r.job.service.on_io([&] { return static_cast<bool>(r.job.service.bay().by_serial(m.ukey)); })) found = &m;
    if (found == nullptr) return {Code::token_removed, "master-control UKEY " + r.recovery.masters.front().ukey.text() + " is needed; plug it in"};
    KMP_TRY(auto token, token_of(r.job, found->ukey, "master-control UKEY"));
    KMP_TRY(auto certificates, token->certificates());
    if (certificates["trust-anchor"] != r.recovery.anchor) return {Code::tampered, "master-control UKEY " + found->ukey.text() + " is of another utility than this restore, or what it goes by was changed"};
    base::Secret secret;
    if (r.recovery.quorums.empty()) {
        KMP_CHECK(log_in(r.job, *token, found->ukey, "master", found->salt));
    } else {
        KMP_TRY(secret, open_officers(r));
        // Its SO PIN is sealed under today's secret, whichever of them opens it.
        KMP_CHECK(log_in_by_quorum(*token, found->ukey, r.recovery.quorums, secret));
    }
    tokens::UkeyRecord record;
    record.serial = found->ukey;
    record.kind = model::UkeyKind::master_control;
    record.salt = found->salt;
    record.sealed_so_pin = found->sealed_so_pin;
    r.master = MasterUkey::opened(*token, std::move(record), std::move(secret));
    auto key = r.master->token().recover_database_key(found->database_key);
    if (!key) return std::move(key).error().in("the database key");
    r.database_key = std::move(*key);
    return {};
}

// ---- the database -----------------------------------------------------------------------------------------------------

/// The officers are those of the database, and those who are here may vote.
base::Status check_officers(Restoration& r, store::Database& database) {
    KMP_TRY(const auto quorums, tokens::registry::quorums(database));
    const bool same = quorums.empty() == r.recovery.quorums.empty() && (quorums.empty() || quorums.back().statement == r.recovery.quorums.back().statement);
    if (!same) return {Code::tampered, "the officers that this restore goes by are not those of the database; take another copy of the backup"};
    KMP_TRY(const auto records, tokens::registry::load(database));
    for (const OpenOfficer& o : r.officers) {
        const auto record = std::ranges::find(records, o.officer.ukey, &tokens::UkeyRecord::serial);
        if (record == records.end() || record->state != model::UkeyState::issued)
            return {Code::denied, "state: officer UKEY " + o.officer.ukey.text() + " is " + (record == records.end() ? "unknown" : std::string(model::name(record->state))) + "; let another officer come"};
    }
    return {};
}

/// Base and segments, laid over each other beside the place. What was looked through before may have grown by then.
base::Status apply_feed(Restoration& r) {
    KMP_TRY(r.feed, standby::apply(r.request.folder(), r.staged, [&](std::uint64_t done, std::uint64_t of) {
        r.job.progress("the segments are applied", static_cast<unsigned>(done >> 20), static_cast<unsigned>(of >> 20));
    }));
    r.backup_hash = r.feed->hash;
    return {};
}

/// The checkpoint was signed by a platform UKEY of this log, and the log goes on from it: nothing before it was changed or left out. Returns over how many events it is.
base::Result<std::uint64_t> hold_against(Restoration& r, store::Database& database, const std::string& note, const std::string& whose) {
    const auto wrong = [&](std::string what) { return base::Error{Code::tampered, "the log is not what " + whose + " says: " + std::move(what) + "; do not take over from it, and tell the auditor"}; };
    const auto point = own_checkpoint(database, note);
    if (!point) return wrong(point.error().message);
    if (point->size > r.events) return wrong("it is over " + std::to_string(point->size) + " events, and here are " + std::to_string(r.events));
    audit::LogReader log(database);
    KMP_TRY(const audit::Digest root, audit::root_at(log, point->size));
    if (root != point->root) return wrong("its first " + std::to_string(point->size) + " events are others");
    return point->size;
}

/// What came with the feed, and what was carried away by another way: only that one tells of an older state of the whole folder.
base::Status check_log(Restoration& r, store::Database& database) {
    if (!r.request.checkpoint().empty()) KMP_CHECK(hold_against(r, database, audit::mended_note(r.request.checkpoint()), "the checkpoint that was carried away"));
    if (!r.feed) return {};
    KMP_TRY(const std::uint64_t size, hold_against(r, database, r.feed->checkpoint, "the feed's checkpoint"));
    r.told = base::counted(r.feed->segments, "segment") + " up to " + base::to_rfc3339(r.feed->last.made) + ", held against the checkpoint over " + std::to_string(size) + " events";
    for (const std::string& note : r.feed->notes) r.told += "; " + note;
    return {};
}

/// The database in place, or a copy of the backup's beside the place: whole, and of this utility.
base::Status stage_database(Restoration& r) {
    const std::string path = r.job.service.config().database();
    r.staged = path;
    std::error_code error;
    if (r.from_backup()) {
        r.staged = path + ".restoring";
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(r.staged + suffix, error);
        if (r.feed) KMP_CHECK(apply_feed(r));
        else std::filesystem::copy_file(r.request.folder() + "/" + backup::kDatabase, r.staged, error);
        if (error) return {Code::io_failed, "the database of the backup cannot be copied: " + error.message()};
        std::filesystem::permissions(r.staged, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    }
    KMP_TRY(store::Database database, store::Database::open(r.staged, r.database_key, store::Mode::read_write));
    KMP_CHECK(database.check_integrity());
    KMP_CHECK(store::migrate(database, all_schemas()));
    KMP_TRY(const audit::Journal journal, audit::Journal::open(database));
    audit::LogReader log(database);
    KMP_TRY(const base::Bytes first, log.record(0));
    KMP_TRY(const audit::Record genesis, audit::Record::decode(first));
    if (genesis.type() != EventType::genesis || base::to_bytes(genesis.bytes(Field::trust_anchor)) != r.recovery.anchor)
        return {Code::tampered, "the database is not of the utility that this restore goes by"};
    KMP_CHECK(check_officers(r, database));
    r.house->origin = std::string(genesis.text(Field::origin));
    KMP_TRY(r.house->home, base::UkeySerial::parse(genesis.text(Field::ukey)));
    KMP_TRY(const auto later, tables::platforms(database));
    r.former = later.empty() ? r.house->home : later.back().ukey;
    r.events = journal.size();
    return check_log(r, database);
}

// ---- the new platform UKEY --------------------------------------------------------------------------------------------

base::Status make_platform(Restoration& r, const tokens::Slot& slot, const base::UkeySerial& serial) {
    KMP_TRY(const base::Secret pin, r.job.take_pin("platform"));
    if (auto good = tokens::check_new_pin(pin); !good) return std::move(good).error().in("platform PIN");
    KMP_TRY(r.platform, make_without_log(r.job, slot, model::UkeyKind::platform, serial, [&](const base::UkeySerial&, const tokens::UkeyFile& file) -> base::Result<base::Secret> {
                KMP_TRY(const base::Secret stretched, tokens::stretch(pin, file.salt));
                return tokens::as_token_pin(stretched);
            }));
    KMP_TRY(const pki::Certificate issuer, r.master->certificate(*r.house));
    const base::Millis until = std::min(r.now() + kLongUkeyLife, issuer.not_after());
    KMP_CHECK(certify(r.platform, r.recovery.utility, "kmpd", r.now(), until, {r.house->anchor, issuer}, r.master->token()));
    KMP_CHECK(r.master->send(*r.house, *r.platform.token, r.platform.record.certificates.at("transport"), {}, {"pepper"}));
    KMP_TRY(r.platform.record.sealed_so_pin, r.master->seal_so_pin(model::UkeyKind::platform, serial, r.platform.so_pin));
    r.platform.record.state = model::UkeyState::issued;
    return {};
}

/// By whose word it is done: a request that stands in the log with the votes of the officers who are here, or, where there are none, what the
/// master-control UKEY signed.
struct Agreed {
    std::optional<tables::StoredRequest> request;
    std::optional<SignedDeed> deed;
};

base::Result<Agreed> agree(Restoration& r, store::Database& database, base::Millis now) {
    tables::StoredRequest out;
    model::ApprovalRequest& q = out.request;
    q.home = r.house->home;
    q.deed = r.from_backup() ? model::Deed::restore : model::Deed::replace_platform;
    q.by = r.job.peer.text();
    q.made = now;
    q.expires = now + model::ApprovalRequest::kLife;
    q.terms = {{"ukey", r.platform.record.serial.text()}, {"former", r.former.text()}, {"events", std::to_string(r.events)}, {"reason", r.request.reason()}, {"minutes", r.minutes}};
    if (r.officers.empty()) {
        q.number = r.events;
        KMP_TRY(SignedDeed deed, sign_deed(r.master->token(), r.master->record().serial, std::move(q)));
        return Agreed{{}, std::move(deed)};
    }
    KMP_TRY(const auto earlier, tables::requests(database));
    q.number = earlier.empty() ? 1 : earlier.back().request.number + 1;
    q.generation = r.recovery.quorums.back().quorum.generation;
    KMP_CHECK(q.validate());
    out.statement = q.encode();
    out.closed = tables::Closed::done;
    out.outcome = "done";
    for (OpenOfficer& o : r.officers) {
        model::Vote vote{o.officer.ukey, true, {}};
        KMP_TRY(vote.signature, o.token->sign_statement("approval", model::vote_statement(out.statement, true)));
        if (!pki::verify_statement(o.officer.identity, "approval", model::vote_statement(out.statement, true), vote.signature))
            return {Code::token_failed, "officer UKEY " + vote.officer.text() + " signed with another key than its certificate's"};
        out.votes.push_back(std::move(vote));
    }
    return Agreed{std::move(out), {}};
}

/// By the platform UKEY of before, where it is there.
base::Result<base::Bytes> handover(Restoration& r, base::ByteView statement) {
    if (!r.request.handover()) return base::Bytes();
    auto slot = r.job.service.on_io([&] { return r.job.service.bay().by_serial(r.former); });
    if (!slot) return std::move(slot).error().in("the platform UKEY " + r.former.text() + " is to hand over; do without --handover where it is lost");
    tokens::Token token(slot->channel, "platform UKEY " + r.former.text());
    KMP_CHECK(log_in(r.job, token, r.former, "old", salt_of(*slot, r.former)));
    auto signature = token.sign_statement("handover", statement);
    (void)token.logout();
    return signature;
}

std::string write_minutes(const Restoration& r, base::Millis now) {
    std::string out = (r.from_backup() ? "Restore of " : "Another platform UKEY for ") + r.recovery.utility + "\nHeld: " + base::to_rfc3339(now) + " by " + r.job.peer.text();
    out += "\nPlatform UKEY: " + r.platform.record.serial.text() + " (token " + r.platform.record.token_serial + ")\nIn the place of: " + r.former.text() + "\nReason: " + r.request.reason();
    out += "\nMaster-control UKEY: " + r.master->record().serial.text();
    for (const OpenOfficer& o : r.officers) out += "\nOfficer: " + o.officer.holder + ", UKEY " + o.officer.ukey.text();
    if (r.feed) out += "\nFrom the feed of a standby: " + r.feed->path + ", " + r.told + "\nWhat was sold after that is not in the log: stations repeat it under the same order ids";
    if (r.from_backup()) out += "\nFrom: " + r.request.folder() + ", database SHA-256 " + base::to_hex(r.backup_hash);
    out += "\nEvents in the log: " + std::to_string(r.events) + "\nCheckpoint key, SHA-256: " + base::to_hex(base::sha256(r.platform.keys.at("checkpoint"))) + "\n";
    return out;
}

base::Status append_all(Restoration& r, audit::Journal& journal, store::Transaction& t, const Agreed& agreed, const base::Bytes& statement, const base::Bytes& signature,
                        const base::Bytes& handed, const base::Digest& root, base::Millis now) {
    const tokens::UkeyRecord& p = r.platform.record;
    const auto add = [&](Event event) -> base::Result<audit::Receipt> { return journal.append(t, event, now); };
    if (agreed.deed) {
        KMP_TRY(const audit::Receipt written, add(agreed.deed->event(r.job, phrase(r.from_backup() ? model::Deed::restore : model::Deed::replace_platform))));
        r.word = {0, written.index};
    }
    if (agreed.request) {
        const model::ApprovalRequest& q = agreed.request->request;
        r.word = {q.number, 0};
        Event made(EventType::request_made);
        r.job.describe(made);
        made.number(Field::request_number, q.number).bytes(Field::statement, agreed.request->statement).time(Field::not_after, q.expires);
        KMP_CHECK(add(std::move(made)));
        for (const model::Vote& v : agreed.request->votes) {
            Event voted(EventType::request_voted);
            r.job.describe(voted);
            voted.number(Field::request_number, q.number).text(Field::ukey, v.officer.text()).number(Field::agrees, 1).bytes(Field::signature, v.signature);
            KMP_CHECK(add(std::move(voted)));
        }
        KMP_CHECK(tables::add_request(t, *agreed.request));
        for (const model::Vote& v : agreed.request->votes) KMP_CHECK(tables::put_vote(t, q.number, v));
    }
    KMP_CHECK(enter_without_writer(r.job, journal, t, p, now, r.word));

    Event replaced(EventType::platform_replaced);
    r.job.describe(replaced);
    replaced.text(Field::ukey, p.serial.text()).bytes(Field::certificate, p.certificates.at("checkpoint")).bytes(Field::checkpoint_key, r.platform.keys.at("checkpoint"));
    replaced.number(Field::size, r.events).bytes(Field::root, root).bytes(Field::signature, signature).text(Field::reason, r.request.reason());
    if (!handed.empty()) replaced.bytes(Field::handover, handed);
    r.word.name(replaced);
    KMP_TRY(const audit::Receipt receipt, add(std::move(replaced)));
    KMP_CHECK(tables::add_platform(t, {receipt.index, p.serial, p.certificates.at("checkpoint"), statement, signature}));

    Event ended(EventType::ukey_state_changed);
    r.job.describe(ended);
    r.word.name(ended);
    ended.text(Field::ukey, r.former.text()).value(Field::ukey_kind, model::UkeyKind::platform).value(Field::action, model::UkeyAction::revoke);
    ended.value(Field::state_from, model::UkeyState::issued).value(Field::state_to, model::UkeyState::revoked).text(Field::reason, r.request.reason());
    KMP_CHECK(add(std::move(ended)));
    KMP_CHECK(tokens::registry::set_state(t, r.former, model::UkeyState::revoked));
    // PINs that the UKEY of before had sealed are gone with it.
    KMP_CHECK(t.run("DELETE FROM attended"));
    if (r.from_backup()) {
        Event restored(EventType::restored);
        r.job.describe(restored);
        restored.number(Field::size, r.events).bytes(Field::data_hash, r.backup_hash).text(Field::detail, "from " + r.request.folder() + (r.feed ? ": " + r.told : ""));
        r.word.name(restored);
        KMP_CHECK(add(std::move(restored)));
        // The copy was taken before its making was logged.
        if (r.backup_made != 0) KMP_CHECK(tables::set_last_backup(t, r.backup_made));
    }
    Event minutes(EventType::ceremony_minutes);
    r.job.describe(minutes);
    r.word.name(minutes);
    minutes.text(Field::note, r.minutes);
    KMP_CHECK(add(std::move(minutes)));
    return {};
}

/// The log says who is the platform UKEY from here on, and that the one of before is not.
base::Status hand_log_over(Restoration& r) {
    KMP_TRY(store::Database database, store::Database::open(r.staged, r.database_key, store::Mode::read_write));
    KMP_TRY(audit::Journal journal, audit::Journal::open(database));
    const base::Millis now = std::max(r.now(), journal.last_time());
    const audit::Digest root = journal.root();
    const base::Bytes statement = audit::platform_statement(r.house->origin, r.platform.record.serial.text(), r.platform.keys.at("checkpoint"), journal.size(), root);
    KMP_TRY(const base::Bytes signature, r.master->token().sign_statement("platform", statement));
    KMP_TRY(const base::Bytes handed, handover(r, statement));
    r.minutes = write_minutes(r, now);
    KMP_TRY(const Agreed agreed, agree(r, database, now));
    KMP_TRY(store::Transaction t, database.begin());
    KMP_CHECK(append_all(r, journal, t, agreed, statement, signature, handed, root, now));
    KMP_CHECK(t.commit());
    journal.committed();
    r.successor = {r.platform.record.serial.text(), r.platform.keys.at("checkpoint"), r.events, root, signature};
    return {};
}

/// For the first machine, should it still run: who has taken over.
void leave_word(const Restoration& r, wire::pb::RestoreReply& reply) {
    const std::string path = r.request.folder() + "/" + standby::kSuccessorFile;
    const base::Status left = base::write_file_atomically(path, base::as_bytes(r.successor.text()), 0644);
    if (left) reply.add_notes("Copy " + path + " into the folder that the first machine feeds: where that still runs it ends, and is not unsealed again.");
    else reply.add_notes("No word could be left for the first machine (" + left.error().message + "): make sure that it never runs again.");
}

/// The backup's database takes its place; then the home says which platform UKEY opens it, and with that it is done.
base::Status take_place(Restoration& r) {
    const Config& config = r.job.service.config();
    if (r.from_backup()) {
        std::error_code error;
        std::filesystem::rename(r.staged, config.database(), error);
        if (error) return {Code::io_failed, "the restored database cannot take its place: " + error.message()};
    }
    PlatformFile file;
    file.platform = r.platform.record.serial;
    KMP_TRY(file.database_key, r.platform.token->wrap_database_key(r.database_key));
    return write_platform_file(config.platform_file(), file);
}

base::Status check_request(Job& job, const wire::pb::Restore& request) {
    KMP_CHECK(check_reason(request.reason()));
    KMP_CHECK(check_line(request.platform_reader(), "platform reader", 64));
    const Phase phase = job.service.on_io([&] { return job.service.phase(); });
    if (request.folder().empty()) {
        if (phase == Phase::uninitialised) return {Code::uninitialised, "there is no platform here; name the folder of the backup that one is to be restored from"};
        if (phase == Phase::open) return {Code::refused, "the service is open; seal it first with 'kmpctl seal'"};
        return {};
    }
    KMP_CHECK(check_line(request.folder(), "folder", 1024));
    if (request.folder().front() != '/') return {Code::invalid_argument, "folder: the service needs its whole path, from / on"};
    if (phase != Phase::uninitialised) return {Code::already_exists, "there is a platform here already; restore into another --home, or on another machine"};
    return {};
}

base::Result<Recovery> read_recovery(const Restoration& r, const Config& config) {
    if (r.feed) return Recovery::parse(r.feed->recovery, "what came with the feed");
    return Recovery::read(r.from_backup() ? r.request.folder() + "/" + backup::kRecovery : config.recovery_file());
}

}  // namespace

base::Result<wire::pb::RestoreReply> restore(Job& job, const wire::pb::Restore& request) {
    KMP_CHECK(check_request(job, request));
    Restoration r(job, request);
    const Config& config = job.service.config();
    if (r.from_backup()) {
        r.tell("the backup is checked", 0);
        if (standby::holds_feed(request.folder())) {
            KMP_TRY(r.feed, standby::check(request.folder()));
        } else {
            KMP_TRY(const backup::Manifest manifest, backup::check(request.folder()));
            r.backup_hash = manifest.database;
            r.backup_made = manifest.made;
        }
    }
    KMP_TRY(r.recovery, read_recovery(r, config));
    KMP_CHECK(check_recovery(r));
    KMP_TRY(const tokens::Slot slot, blank_for_ceremony(job, request.platform_reader()));
    r.tell("the master-control UKEY is opened", 1);
    KMP_CHECK(open_master(r));
    r.tell("the database is looked through", 2);
    KMP_CHECK(stage_database(r));
    r.tell("the platform UKEY makes its keys", 3);
    KMP_CHECK(make_platform(r, slot, tokens::make_serial(model::UkeyKind::platform)));
    r.tell("the log is handed over to it", 4);
    KMP_CHECK(hand_log_over(r));
    KMP_CHECK(take_place(r));

    r.tell("the service opens", 5);
    wire::pb::RestoreReply reply;
    std::vector<std::string> notes;
    KMP_TRY(const std::shared_ptr<Books> books, open_database(job, r.database_key, r.platform.record.serial, notes));
    Entry entry = opened_entry(job, r.from_backup() ? "by a restore" : "with another platform UKEY");
    KMP_TRY(const NextCrl crl, NextCrl::sign(job, *books, *r.master, {}, r.word));
    crl.enter(entry);
    KMP_TRY(const audit::Receipt receipt, books->writer->write(std::move(entry)));
    crl.publish(job, *books);
    KMP_CHECK(write_recovery(job, *books));
    job.service.on_io([&] { job.service.open(books); });
    KMP_CHECK(sign_checkpoint(job, Cosigned::no));
    reply.set_platform(r.platform.record.serial.text());
    reply.set_former(r.former.text());
    reply.set_events(r.events);
    reply.set_minutes(r.minutes);
    if (r.feed) reply.add_notes("Taken over from a standby's feed: " + r.told + ". Orders of the seconds after it are missing: have every station repeat what it sold then, under the same order ids.");
    if (r.feed) leave_word(r, reply);
    for (const std::string& note : notes) reply.add_notes(note);
    fill(*reply.mutable_receipt(), receipt);
    return reply;
}

}  // namespace kmp::service
