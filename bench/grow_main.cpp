// kmp-grow: how large the database of a log is, and what appending costs before and after its older half was archived. It writes what an order
// writes, event, row and tree, without a service around it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "audit/archive.h"
#include "audit/journal.h"
#include "audit/segment.h"
#include "audit/tile.h"
#include "kmp/policy/tables.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using Clock = std::chrono::steady_clock;

constexpr base::Millis kBegin = 1'763'791'200'000;
constexpr std::uint64_t kBatch = 100;  ///< orders in a commit
constexpr std::uint64_t kPiece = 500;  ///< as Service::kShedPiece

double micros(Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

/// An order as a station's recharge leaves it: with every field that such events have.
Event order_event(std::uint64_t n, base::ByteView id) {
    Event e(EventType::order);
    e.text(Field::actor, "uid 1000").number(Field::uid, 1000).number(Field::pid, 4711).number(Field::session, 12).text(Field::ukey, "US-7F3K9Q2M").text(Field::station, "station-1");
    e.number(Field::meter, 100'000'000'000 + n % 10'000).number(Field::customer, n % 10'000).bytes(Field::order_id, id).value(Field::operation, model::Operation::recharge);
    e.number(Field::amount, 5000).number(Field::count, n / 10'000 + 1).bytes(Field::r2, id.last(4)).bytes(Field::content_hash, base::sha256(id)).number(Field::grant_number, 1);
    e.number(Field::key_version, 1).time(Field::happened_at, kBegin + static_cast<base::Millis>(n));
    return e;
}

class Log {
public:
    Log(store::Database& database, audit::Journal journal) : database_(database), journal_(std::move(journal)) {}
    base::Status append(std::uint64_t count) {
        for (std::uint64_t done = 0; done < count; done += kBatch) {
            KMP_TRY(store::Transaction t, database_.begin());
            for (std::uint64_t i = 0; i < kBatch; ++i) KMP_CHECK(one(t));
            KMP_CHECK(t.commit());
            journal_.committed();
        }
        return {};
    }
    base::Status archive(std::uint64_t first, std::uint64_t end) {
        KMP_TRY(store::Transaction t, database_.begin());
        Event e(EventType::archived);
        e.number(Field::first, first).number(Field::size, end).bytes(Field::data_hash, base::sha256({}));
        KMP_TRY(const audit::Receipt receipt, journal_.append(t, e, kBegin + static_cast<base::Millis>(made_)));
        audit::Segment segment;
        segment.first = first;
        segment.end = end;
        segment.event = receipt.index;
        segment.file = audit::segment_name(first, end, false);
        KMP_CHECK(audit::add_segment(t, segment));
        KMP_CHECK(t.commit());
        journal_.committed();
        return {};
    }
    /// One piece goes. out: of how many records.
    base::Result<std::uint64_t> shed() {
        KMP_TRY(store::Transaction t, database_.begin());
        KMP_TRY(const std::uint64_t gone, audit::shed(t, kPiece));
        KMP_CHECK(t.commit());
        return gone;
    }
    std::uint64_t size() const { return journal_.size(); }

private:
    base::Status one(store::Transaction& t) {
        const base::Millis now = kBegin + static_cast<base::Millis>(made_);
        base::ByteWriter w;
        w.u64(static_cast<std::uint64_t>(now) << 16 | 0x7000 | (made_ & 0xFFF));
        w.u64(0x8000'0000'0000'0000 | made_ * 2654435761);
        KMP_TRY(const base::Uuid id, base::Uuid::from_bytes(w.view()));
        KMP_TRY(const audit::Receipt receipt, journal_.append(t, order_event(made_, id.raw()), now));
        kmp::policy::OrderRow row{{"station-1", id}, {}};
        row.record.content = base::sha256(w.view());
        row.record.count = 1;
        row.record.index = receipt.index;
        row.record.leaf = receipt.leaf;
        ++made_;
        return kmp::policy::insert(t, row);
    }
    store::Database& database_;
    audit::Journal journal_;
    std::uint64_t made_ = 0;
};

base::Status run(const std::string& folder, std::uint64_t events) {
    const std::string path = folder + "/grow.db";
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix, ignored);
    KMP_TRY(store::Database database, store::Database::open(path, base::Secret(32), store::Mode::create));
    const store::Schema schemas[] = {audit::schema(), kmp::policy::schema()};
    KMP_CHECK(store::migrate(database, schemas));
    KMP_TRY(audit::Journal journal, audit::Journal::open(database));
    Log log(database, std::move(journal));
    KMP_TRY(const audit::Room empty, audit::room_of(database));
    nlohmann::ordered_json out{{"events", events}};
    const auto timed = [&](std::uint64_t count) -> base::Result<double> {
        const auto begin = Clock::now();
        KMP_CHECK(log.append(count));
        return micros(Clock::now() - begin) / static_cast<double>(count);
    };
    KMP_CHECK(log.append(events));
    KMP_TRY(const audit::Room full, audit::room_of(database));
    out["bytes_per_order"] = static_cast<double>(full.bytes - empty.bytes) / static_cast<double>(events);
    const std::uint64_t some = events / 10 / kBatch * kBatch;
    KMP_TRY(out["append_us"], timed(some));
    const std::uint64_t end = log.size() / 2 / audit::kTileWidth * audit::kTileWidth;
    KMP_CHECK(log.archive(0, end));
    double longest = 0;
    const auto begin = Clock::now();
    for (;;) {
        const auto piece = Clock::now();
        KMP_TRY(const std::uint64_t gone, log.shed());
        if (gone == 0) break;
        longest = std::max(longest, micros(Clock::now() - piece));
    }
    out["shed_us_per_event"] = micros(Clock::now() - begin) / static_cast<double>(end);
    out["shed_longest_piece_us"] = longest;
    KMP_TRY(const audit::Room after, audit::room_of(database));
    out["freed_bytes_per_event"] = static_cast<double>(after.free) / static_cast<double>(end);
    KMP_TRY(out["append_after_us"], timed(some));
    KMP_TRY(const audit::Room grown, audit::room_of(database));
    out["grown_bytes"] = grown.bytes - after.bytes;
    std::printf("%s\n", out.dump(2).c_str());
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    std::string folder = ".";
    std::uint64_t events = 200'000;
    CLI::App app("Measures how a log's database grows, and what appending costs after archiving.");
    app.add_option("--folder", folder, "Where the database is made and left [.]")->check(CLI::ExistingDirectory);
    app.add_option("--events", events, "How many orders [200000]")->check(CLI::Range(10'000, 100'000'000));
    CLI11_PARSE(app, argc, argv);
    const base::Status done = run(folder, events / kBatch * kBatch);
    if (done) return 0;
    std::fprintf(stderr, "kmp-grow: %s\n", done.error().message.c_str());
    return 1;
}
