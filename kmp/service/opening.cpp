#include "kmp/service/opening.h"

#include "audit/replay.h"
#include "base/words.h"
#include "kmp/service/archived.h"
#include "kmp/service/errands/meter.h"
#include "kmp/service/errands/order.h"
#include "kmp/service/feed_watch.h"
#include "kmp/service/search.h"
#include "kmp/service/jobs/intent.h"
#include "kmp/service/jobs/revocation.h"
#include "kmp/service/keys_held.h"
#include "kmp/service/tables.h"
#include "kmp/service/vouching.h"
#include "kmp/service/witness_tables.h"
#include "kmp/service/wrong_pin.h"
#include "kmp/suite/card_requests.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr std::size_t kLogInStatement = 8 + sizeof(base::Digest);  ///< of audit::platform_statement, its end

base::Result<House> read_house(audit::LogReader& log) {
    KMP_TRY(const base::Bytes first, log.record(0));
    KMP_TRY(const audit::Record genesis, audit::Record::decode(first));
    if (genesis.type() != EventType::genesis) return {Code::tampered, "the log does not begin with its genesis record"};
    auto anchor = pki::Certificate::from_der(genesis.bytes(Field::trust_anchor));
    if (!anchor) return std::move(anchor).error().in("the trust anchor in the genesis record");
    auto checkpoint = pki::Certificate::from_der(genesis.bytes(Field::certificate));
    if (!checkpoint) return std::move(checkpoint).error().in("the checkpoint certificate in the genesis record");
    KMP_TRY(const base::UkeySerial pinned, base::UkeySerial::parse(genesis.text(Field::ukey)));
    House house{std::string(genesis.text(Field::utility)),
                std::string(genesis.text(Field::origin)),
                pinned,
                pinned,
                (static_cast<base::Millis>(genesis.number(Field::day_offset)) - 720) * base::kMinute,
                std::move(*anchor),
                std::move(*checkpoint),
                {},
                {}};
    house.first_quorum = base::to_bytes(genesis.bytes(Field::quorum));
    if (house.checkpoint.spki() != base::to_bytes(genesis.bytes(Field::checkpoint_key)))
        return {Code::tampered, "the genesis record pins another checkpoint key than its certificate"};
    return house;
}

/// The master-control UKEYs beside the first: each was certified by the anchor.
base::Status load_issuers(Books& books, base::Millis now) {
    for (const tokens::UkeyRecord* r : books.registry.all()) {
        const base::Bytes* der = r->certificate(pki::Profile::issuing);
        if (r->kind != model::UkeyKind::master_control || der == nullptr) continue;
        auto certificate = pki::Certificate::from_der(*der);
        const base::Status held = certificate ? pki::verify_issuer(*certificate, books.house.anchor, now) : base::Status(certificate.error());
        if (!held && held.error().code != Code::expired) return base::Error{Code::tampered, "the issuing certificate of master-control UKEY " + r->serial.text() + ": " + held.error().message};
        if (certificate->subject().ukey != r->serial) return {Code::tampered, "the issuing certificate of master-control UKEY " + r->serial.text() + " is another's"};
        books.house.issuers.push_back(std::move(*certificate));
    }
    return {};
}

/// Whether the log holds the event of this row, unless that is archived.
base::Result<bool> is_logged(const Books& books, const tables::Platform& p) {
    if (p.event < books.archived) return true;
    KMP_TRY(const base::Bytes bytes, audit::LogReader(*books.reads).record(p.event));
    KMP_TRY(const audit::Record record, audit::Record::decode(bytes));
    base::ByteWriter log;
    log.u64(record.number(Field::size));
    log.bytes(record.bytes(Field::root));
    const base::ByteView said = base::ByteView(p.statement).last(std::min(p.statement.size(), kLogInStatement));
    return record.type() == EventType::platform_replaced && std::ranges::equal(said, log.view());
}

/// The platform UKEY of today: the one of the ceremony, or who took its place last, which a master-control UKEY signed.
base::Status find_platform(Books& books, const base::UkeySerial& expected) {
    KMP_TRY(const auto later, tables::platforms(*books.reads));
    House& house = books.house;
    for (const tables::Platform& p : later) {
        auto certificate = pki::Certificate::from_der(p.certificate);
        if (!certificate) return std::move(certificate).error().in("the checkpoint certificate of platform UKEY " + p.ukey.text());
        KMP_TRY(const bool logged, is_logged(books, p));
        // Which log it took over: its event says so, and the statement, which is still here when the event is archived.
        const base::ByteView log = base::ByteView(p.statement).last(std::min(p.statement.size(), kLogInStatement));
        base::ByteReader reader(log);
        const auto size = reader.u64();
        const auto root = reader.bytes(sizeof(base::Digest));
        const bool meant = size && root && audit::platform_statement(house.origin, p.ukey.text(), certificate->spki(), *size, *root) == p.statement;
        if (!logged || !meant || !house.signed_by_master("platform", p.statement, p.signature))
            return {Code::tampered, "the database says that UKEY " + p.ukey.text() + " is the platform UKEY, and no master-control UKEY signed that"};
        house.platform = p.ukey;
        house.checkpoint = std::move(*certificate);
    }
    if (house.platform == expected) return {};
    return {Code::tampered, "this database belongs to platform UKEY " + house.platform.text() + ", not to " + expected.text()};
}

/// The officers, of all generations. Each statement is the master's; the first is the one that the log began with.
base::Status load_quorums(Books& books) {
    KMP_TRY(books.quorums, tokens::registry::quorums(*books.reads));
    const auto wrong = [](std::string what) { return base::Error{Code::tampered, "the officers in the database: " + std::move(what)}; };
    if (books.quorums.empty() != books.house.first_quorum.empty()) return wrong("the log began with others");
    std::uint32_t generation = 0;
    for (const tokens::SignedQuorum& q : books.quorums) {
        if (!books.house.signed_by_master("quorum", q.statement, q.signature)) return wrong("the master-control UKEY did not sign them");
        if (q.quorum.generation != ++generation || q.quorum.home != books.house.home) return wrong("a generation is missing, or of another platform");
    }
    if (!books.quorums.empty() && books.quorums.front().statement != books.house.first_quorum) return wrong("the log began with others");
    return {};
}

base::Status load_key_sets(Books& books) {
    KMP_TRY(const auto rows, tables::key_sets(*books.reads));
    model::KeyVersion newest = 1;
    for (const tokens::UkeyRecord* r : books.registry.all())
        if (r->kind == model::UkeyKind::master_control) newest = std::max(newest, tokens::newest_held(*r));
    KMP_TRY(books.key_sets, key_sets_from(rows, newest));
    return {};
}

/// A genuine answer of a meter, or what it wrote to its card, with the count that it has credited last.
bool shows_count(const audit::Record& r) {
    if (r.number(Field::genuine) == 0 || !r.has(Field::count)) return false;
    return r.type() == EventType::status_checked || (r.type() == EventType::card_reported && !r.has(Field::contradiction));
}

/// What the events since the last flush did to the meters. Returns how many did something.
base::Result<std::uint64_t> replay_meters(Books& books, audit::LogReader& log) {
    KMP_TRY(const std::uint64_t from, policy::meters_current_to(*books.reads));
    KMP_TRY(const std::uint64_t size, log.size());
    base::Status trouble;
    std::uint64_t replayed = 0;
    KMP_CHECK(log.read(from, size, [&](std::uint64_t index, base::ByteView bytes) {
        auto record = audit::Record::decode(bytes);
        if (!record) {
            trouble = record.error();
            return false;
        }
        const bool order = record->type() == EventType::order;
        const bool keys = record->type() == EventType::keys_loaded && static_cast<audit::Outcome>(record->number(Field::outcome)) == audit::Outcome::done;
        const bool allowed = record->type() == EventType::download_allowed;
        const bool begun = record->type() == EventType::keys_sent && record->number(Field::factory_wrapped) != 0;
        const bool shown = shows_count(*record);
        const bool voided = record->type() == EventType::order_voided;
        const bool wiped = record->type() == EventType::card_written && record->number(Field::file) == suite::kWriteBackFile;
        if (!order && !keys && !allowed && !begun && !shown && !voided && !wiped) return true;
        auto number = model::MeterNumber::from_number(record->number(Field::meter));
        if (!number) return true;
        auto entry = books.meters.find(*number);
        if (!entry) {
            trouble = entry.error();
            return false;
        }
        policy::Meter& meter = (*entry)->meter;
        if (order) {
            meter.ordered(order_of(*record, index));
        } else if (voided) {
            meter.voided(order_of(*record, index));
        } else if (wiped) {
            meter.wiped = true;
        } else if (shown) {
            if (!meter.seen(static_cast<std::uint32_t>(record->number(Field::count)))) return true;
        } else if (allowed) {
            meter.allow_download(static_cast<base::Millis>(record->number(Field::not_after)));
        } else if (begun) {
            if (!meter.keyed) return true;  // its first keys: what becomes of them is not known before it is reported
            meter.download_begun(record->text(Field::ukey));
        } else {
            apply_keys_loaded(meter, record->number(Field::recover) != 0, static_cast<model::KeyVersion>(record->number(Field::key_version)));
        }
        books.meters.changed(**entry);
        ++replayed;
        return true;
    }));
    KMP_CHECK(std::move(trouble));
    books.applied_to = size;
    return replayed;
}

base::Status restore_spending(Books& books, base::Millis now) {
    const std::int64_t day = model::day_of(now, books.house.day_offset);
    const std::int64_t month = model::month_of(now, books.house.day_offset);
    KMP_TRY(const auto rows, policy::spent(*books.reads, day, month));
    for (const policy::SpentRow& row : rows)
        if (auto serial = base::UkeySerial::parse(row.ukey)) books.spending[*serial].restore(day, row.today, month, row.this_month);
    return {};
}

/// Wrong PINs that a restore asked for, by UKEY: they count on from what the registry has.
class RestorePins {
public:
    explicit RestorePins(Books& books) : books_(books) {}
    /// Whether the entry was one of these; a wrong one adds its event.
    bool take(const SealedLog::Entry& e, std::vector<Event>& events) {
        if (!e.what.starts_with("restore_pin_")) return false;
        const auto serial = base::UkeySerial::parse(e.detail);
        const tokens::UkeyRecord* record = serial ? books_.registry.find(*serial) : nullptr;
        if (record == nullptr) return false;
        unsigned& count = counts_.try_emplace(*serial, record->wrong_pins).first->second;
        count = e.what == "restore_pin_failed" ? count + 1 : 0;
        if (count == 0) return true;
        Event event(EventType::pin_failed);
        event.text(Field::ukey, serial->text()).value(Field::ukey_kind, record->kind).number(Field::wrong_pins, count).time(Field::happened_at, e.time).text(Field::detail, "at a restore");
        events.push_back(std::move(event));
        return true;
    }
    /// Behind the last entry: those that have had too many are blocked.
    void block(std::vector<Event>& events) const {
        for (const auto& [serial, count] : counts_)
            if (blocks(serial, count)) block_events(events, serial, books_.registry.find(serial)->kind, count, nullptr);
    }
    base::Status enter(store::Transaction& t) const {
        for (const auto& [serial, count] : counts_) {
            KMP_CHECK(tokens::registry::set_wrong_pins(t, serial, count));
            if (blocks(serial, count)) KMP_CHECK(tokens::registry::set_state(t, serial, model::UkeyState::blocked));
        }
        return {};
    }
    /// Once it is durable.
    void adopt() {
        for (const auto& [serial, count] : counts_) {
            tokens::UkeyRecord& record = *books_.registry.find(serial);
            if (blocks(serial, count)) record.state = model::UkeyState::blocked;
            record.wrong_pins = count;
        }
    }

private:
    bool blocks(const base::UkeySerial& serial, unsigned count) const {
        return count >= tokens::kMaxWrongPins && books_.registry.find(serial)->state == model::UkeyState::issued;
    }
    Books& books_;
    std::map<base::UkeySerial, unsigned> counts_;
};

/// The service had not said that it stops when it started anew.
Event crash_event(base::Millis found) {
    Event out(EventType::recovery);
    out.time(Field::happened_at, found).text(Field::detail, "the service had ended without stopping: a crash, or the power");
    return out;
}

/// Entries that were made while there was no database to write to.
base::Status import_sealed_log(Job& job, Books& books, std::vector<std::string>& notes) {
    struct Sealed {
        std::vector<SealedLog::Entry> entries;
        base::Digest chain;
    };
    const Sealed sealed = job.service.on_io([&] { return Sealed{job.service.sealed_log().entries(), job.service.sealed_log().chain()}; });
    KMP_TRY(const base::Bytes imported, tables::imported_chain(*books.reads));
    if (!sealed.entries.empty() && imported != base::to_bytes(sealed.chain)) {
        Entry entry;
        unsigned wrong = 0;
        bool ended = imported.empty();  // before the first start there was nothing to end
        RestorePins restore(books);
        for (const SealedLog::Entry& e : sealed.entries) {
            if (restore.take(e, entry.events)) continue;
            if (e.what == "pin_failed") {
                Event event(EventType::pin_failed);
                event.text(Field::ukey, books.house.platform.text()).value(Field::ukey_kind, model::UkeyKind::platform).number(Field::wrong_pins, ++wrong).time(Field::happened_at, e.time);
                // The sealed log says "by uid .. (pid ..)".
                event.text(Field::actor, e.detail.starts_with("by ") ? e.detail.substr(3) : e.detail).text(Field::detail, "while sealed");
                entry.events.push_back(std::move(event));
                continue;
            }
            if (e.what == "pin_accepted") wrong = 0;
            if (e.what == "event") {
                KMP_TRY(Event kept, SealedLog::event_of(e));
                entry.events.push_back(std::move(kept));
                continue;
            }
            if (e.what == "stopped") {
                ended = true;
                continue;  // its event stands before it, or in the log
            }
            if (e.what == "started" && !std::exchange(ended, false)) entry.events.push_back(crash_event(e.time));
            Event event(e.what == "started" ? EventType::service_started : EventType::recovery);
            event.time(Field::happened_at, e.time);
            if (e.what == "started") event.text(Field::version, kVersion).number(Field::rules, audit::kDeedsSigned);
            event.text(Field::detail, e.what == "started" ? e.detail : "while sealed: " + e.what + " " + e.detail);
            entry.events.push_back(std::move(event));
        }
        restore.block(entry.events);
        entry.effect = [&restore, chain = sealed.chain](store::Transaction& t, const audit::Receipt&) -> base::Status {
            KMP_CHECK(restore.enter(t));
            return tables::set_imported_chain(t, chain);
        };
        KMP_CHECK(books.writer->write(std::move(entry)));
        restore.adopt();
        if (wrong > 0) notes.push_back(std::to_string(wrong) + " wrong PINs were entered while the service was sealed");
    }
    return job.service.on_io([&] { return job.service.sealed_log().restart(); });
}

/// Every intent that was open when the service ended gets its conclusion.
base::Status conclude_intents(Books& books, std::vector<std::string>& notes) {
    KMP_TRY(const auto intents, tables::open_intents(*books.reads));
    for (const tables::Intent& intent : intents) {
        // Whether the token was changed before the end cannot be seen from here: the truth is "unknown". Nothing was entered.
        Event event(EventType::intent_concluded);
        const bool made = intent.what == Intent::kIssue;
        const std::string detail = "the service ended during '" + intent.what + "' of UKEY " + intent.ukey + "; " + Intent::advice(intent.what, intent.ukey);
        event.number(Field::intent, intent.event).value(Field::outcome, audit::Outcome::unknown).text(Field::ukey, intent.ukey).text(Field::detail, detail);
        Entry entry;
        const auto serial = base::UkeySerial::parse(intent.ukey);
        tokens::UkeyRecord* record = serial ? books.registry.find(*serial) : nullptr;
        // Its token may have been initialised: it is in the registry, with the SO PIN that destroys it.
        const bool half_made = made && record != nullptr && record->state == model::UkeyState::blank;
        if (half_made) {
            record->state = model::UkeyState::initialised;
            Event initialised(EventType::ukey_initialised);
            initialised.text(Field::ukey, intent.ukey).value(Field::ukey_kind, record->kind).number(Field::intent, intent.event);
            entry.events.push_back(std::move(initialised));
        }
        entry.events.push_back(std::move(event));
        entry.effect = [&](store::Transaction& t, const audit::Receipt&) -> base::Status {
            if (half_made) KMP_CHECK(tokens::registry::set_state(t, *serial, model::UkeyState::initialised));
            return tables::conclude_intent(t, intent.event);
        };
        KMP_CHECK(books.writer->write(std::move(entry)));
        notes.push_back(detail);
    }
    return {};
}

/// Null where no standby is configured.
std::unique_ptr<Feed> watch_for_standby(const Config& config, const base::UkeySerial& platform, store::Database& writes) {
    if (config.standby_folder.empty()) return nullptr;
    return std::make_unique<Feed>(
        Feed::Settings{config.standby_folder, config.standby_interval, config.standby_segments, config.recovery_file(), config.checkpoint_file(), config.database(), platform.text()}, writes);
}

/// refused: another machine has taken over.
base::Status start_feed(Job& job, Books& books, const base::Secret& key) {
    KMP_TRY(auto reads, store::Database::open(job.service.config().database(), key, store::Mode::read_only));
    books.feed->start(std::move(reads), books.writer->size());
    const std::string why = taken_over(books, books.feed->state());
    if (why.empty()) return {};
    return {Code::refused, why + "; keep its disk for the auditor, and destroy its platform UKEY. " + books.feed->folder() + "/" + standby::kSuccessorFile + " says so"};
}

base::Status start_search(Job& job, Books& books, const base::Secret& key) {
    const Config& config = job.service.config();
    KMP_TRY(auto records, store::Database::open(config.database(), key, store::Mode::read_only));
    KMP_TRY(auto lookups, store::Database::open(config.database(), key, store::Mode::read_only));
    books.search = std::make_shared<Search>(Search::Settings{config.search_index(), search_key(key), std::move(records), std::move(lookups), books.writer->size()});
    return {};
}

}  // namespace

Entry opened_entry(Job& job, std::string_view how) {
    Event unsealed(EventType::unsealed);
    job.describe(unsealed);
    unsealed.text(Field::detail, how);
    Entry entry = entry_of(std::move(unsealed));
    Event configuration(EventType::configuration);
    job.describe(configuration);
    configuration.text(Field::note, "in force: " + job.service.on_io([&] { return job.service.config().told(); }));
    entry.events.push_back(std::move(configuration));
    return entry;
}

std::span<const store::Schema> all_schemas() {
    static const store::Schema schemas[] = {audit::schema(), tokens::schema(), policy::schema(), tables::schema(), tables::witness_schema()};
    return schemas;
}

base::Result<std::shared_ptr<Books>> open_database(Job& job, const base::Secret& key, const base::UkeySerial& platform, std::vector<std::string>& notes,
                                                     std::uint64_t accept_rollback) {
    const std::string path = job.service.config().database();
    KMP_TRY(auto opened, store::Database::open(path, key, store::Mode::read_write));
    auto database = std::make_unique<store::Database>(std::move(opened));
    auto feed = watch_for_standby(job.service.config(), platform, *database);
    KMP_CHECK(store::migrate(*database, all_schemas()));
    KMP_TRY(audit::Journal journal, audit::Journal::open(*database));
    audit::LogReader log(*database);
    KMP_TRY(House house, read_house(log));
    const base::Millis now = std::max(job.service.clock().now(), journal.last_time());
    auto books = std::make_shared<Books>(std::move(house));
    KMP_TRY(auto reads, store::Database::open(path, key, store::Mode::read_only));
    books->reads = std::make_unique<store::Database>(std::move(reads));
    KMP_TRY(auto reports, store::Database::open(path, key, store::Mode::read_only));
    books->reports = std::make_unique<store::Database>(std::move(reports));
    KMP_TRY(auto exports, store::Database::open(path, key, store::Mode::read_only));
    books->exports = std::make_unique<store::Database>(std::move(exports));
    KMP_TRY(auto lookups, store::Database::open(path, key, store::Mode::read_only));
    books->lookups = std::make_unique<store::Database>(std::move(lookups));
    KMP_TRY(auto records, tokens::registry::load(*books->reads));
    books->registry.assign(std::move(records));
    KMP_CHECK(load_archive(*books));
    KMP_CHECK(load_issuers(*books, now));
    KMP_CHECK(find_platform(*books, platform));
    if (auto held = books->house.check(books->house.checkpoint, now); !held) {
        base::Error why = std::move(held).error().in("the checkpoint key's certificate");
        if (why.code == Code::expired) why.message += "; set this machine's clock right if it is wrong, otherwise the platform UKEY must be replaced";
        return why;
    }
    KMP_CHECK(load_quorums(*books));
    KMP_CHECK(load_key_sets(*books));
    KMP_TRY(books->last_backup, tables::last_backup(*books->reads));
    KMP_TRY(auto held, policy::holds(*books->reads));
    books->velocity.restore(std::move(held));
    KMP_TRY(books->accounts, accounts::load(*books->reads));
    KMP_TRY(books->attended, accounts::attended(*books->reads));
    KMP_CHECK(restore_crl(job.service.config(), *books));
    KMP_TRY(const base::Millis newest, policy::newest_order(*books->reads));
    store::Database* reads_of = books->reads.get();
    books->orders.restart(newest, [reads_of](const policy::OrderKey& k) { return policy::find_order(*reads_of, k); });
    books->meters.restart([reads_of](model::MeterNumber n) { return policy::find_meter(*reads_of, n); });
    KMP_TRY(const std::uint64_t replayed, replay_meters(*books, log));
    KMP_CHECK(restore_spending(*books, now));
    books->writer = std::make_unique<Writer>(std::move(database), std::move(journal), job.service.clock(), job.service.deliver(), job.service.metrics().commits);
    if (replayed > 0) notes.push_back("meters were brought up to date from " + base::counted(replayed, "record"));
    books->feed = std::move(feed);
    if (books->feed) KMP_CHECK(start_feed(job, *books, key));
    KMP_CHECK(open_outlets(job, *books, key, accept_rollback, notes));
    KMP_CHECK(start_search(job, *books, key));
    KMP_CHECK(conclude_intents(*books, notes));
    KMP_CHECK(import_sealed_log(job, *books, notes));
    return books;
}

}  // namespace kmp::service
