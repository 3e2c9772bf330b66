#include "kmp/policy/tables.h"

namespace kmp::policy {
namespace {

using base::Code;

constexpr store::Migration kMigrations[] = {
    // Orders are keyed by their time-ordered id first, so that new rows land on the right edge of the tree.
    {1, "orders, charges and meters", R"(
        CREATE TABLE made_order (
            id BLOB NOT NULL, station TEXT NOT NULL, content BLOB NOT NULL, count INTEGER NOT NULL, key_version INTEGER NOT NULL,
            event INTEGER NOT NULL, leaf BLOB NOT NULL,
            PRIMARY KEY (id, station)) WITHOUT ROWID;
        CREATE TABLE charge (
            ukey TEXT NOT NULL, day INTEGER NOT NULL, month INTEGER NOT NULL, amount INTEGER NOT NULL,
            PRIMARY KEY (ukey, day)) WITHOUT ROWID;
        CREATE TABLE meter (
            number INTEGER PRIMARY KEY NOT NULL, state INTEGER NOT NULL, version INTEGER NOT NULL, count INTEGER NOT NULL,
            customer INTEGER NOT NULL, opened INTEGER NOT NULL, keyed INTEGER NOT NULL);
        CREATE TABLE meters_current (one INTEGER PRIMARY KEY CHECK (one = 1), event INTEGER NOT NULL);
        INSERT INTO meters_current VALUES (1, 0);
    )"},
    {2, "downloads that are allowed once more", R"(
        ALTER TABLE meter ADD COLUMN allowed_until INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN allowed_to TEXT NOT NULL DEFAULT '';
    )"},
    // What a meter was sold before is not counted (sold -1), nor is its last order known (last_kind 0). Of one whose keys were recovered the version is
    // forgotten: it may have been the newest that any meter has.
    {3, "last orders, cards and epochs of meters", R"(
        ALTER TABLE meter ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN least INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN card BLOB NOT NULL DEFAULT x'';
        ALTER TABLE meter ADD COLUMN card_count INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN sold INTEGER NOT NULL DEFAULT -1;
        ALTER TABLE meter ADD COLUMN last_id BLOB NOT NULL DEFAULT x'';
        ALTER TABLE meter ADD COLUMN last_kind INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN last_amount INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN last_count INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN last_card BLOB NOT NULL DEFAULT x'';
        ALTER TABLE meter ADD COLUMN last_credited INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN last_made INTEGER NOT NULL DEFAULT 0;
        UPDATE meter SET held = CASE WHEN version > 0 THEN version ELSE (SELECT max(version) FROM meter) END WHERE keyed = 1;
        CREATE INDEX meter_uninserted ON meter (last_made) WHERE last_credited = 0 AND last_card <> x'';
    )"},
    {4, "voided orders", R"(
        ALTER TABLE made_order ADD COLUMN voided INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN wiped INTEGER NOT NULL DEFAULT 0;
    )"},
    {5, "stations that are held", R"(
        CREATE TABLE station_hold (station TEXT PRIMARY KEY NOT NULL, since INTEGER NOT NULL, orders INTEGER NOT NULL, amount INTEGER NOT NULL, span INTEGER NOT NULL);
    )"},
    // Of a meter whose wallet began anew, what it had before is not known here: it may show any count.
    {6, "what was answered, and shown", R"(
        ALTER TABLE made_order ADD COLUMN answers INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE meter ADD COLUMN highest INTEGER NOT NULL DEFAULT 0;
        UPDATE meter SET highest = CASE WHEN epoch = 0 THEN count ELSE 4294967295 END;
    )"},
};

base::Digest digest(base::ByteView bytes) {
    base::Digest out{};
    if (bytes.size() == out.size()) std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

}  // namespace

store::Schema schema() noexcept { return {"policy", kMigrations}; }

base::Status insert(store::Transaction& t, const OrderRow& row) {
    const OrderRecord& r = row.record;
    KMP_CHECK(t.run("INSERT INTO made_order VALUES (?,?,?,?,?,?,?,0,1)", row.key.id.raw(), row.key.station, r.content, r.count, r.key_version, r.index, r.leaf));
    return {};
}

base::Result<OrderRecord> find_order(store::Database& database, const OrderKey& key) {
    KMP_TRY(auto s, database.query("SELECT content, count, key_version, event, leaf, voided, answers FROM made_order WHERE id = ? AND station = ?"));
    s.bind_all(key.id.raw(), key.station);
    KMP_TRY(const bool found, s.step());
    if (!found) return {Code::not_found, "no order " + key.id.text() + " of station " + key.station};
    OrderRecord r;
    r.content = digest(s.blob(0));
    r.count = static_cast<std::uint32_t>(s.integer(1));
    r.key_version = static_cast<model::KeyVersion>(s.integer(2));
    r.index = static_cast<std::uint64_t>(s.integer(3));
    r.leaf = digest(s.blob(4));
    r.voided = s.integer(5) != 0;
    r.answers = static_cast<std::uint32_t>(s.integer(6));
    return r;
}

base::Status set_voided(store::Transaction& t, const OrderKey& key) {
    KMP_TRY(const std::int64_t changed, t.run("UPDATE made_order SET voided = 1 WHERE id = ? AND station = ?", key.id.raw(), key.station));
    if (changed != 1) return {Code::tampered, "the database has lost order " + key.id.text()};
    return {};
}

base::Status count_answer(store::Transaction& t, const OrderKey& key) {
    KMP_TRY(const std::int64_t changed, t.run("UPDATE made_order SET answers = answers + 1 WHERE id = ? AND station = ?", key.id.raw(), key.station));
    if (changed != 1) return {Code::tampered, "the database has lost order " + key.id.text()};
    return {};
}

base::Result<base::Millis> newest_order(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT id FROM made_order ORDER BY id DESC LIMIT 1"));
    KMP_TRY(const bool found, s.step());
    if (!found) return base::Millis{0};
    KMP_TRY(const base::Uuid id, base::Uuid::from_bytes(s.blob(0)));
    return id.time();
}

base::Status add_charge(store::Transaction& t, const Charge& c) {
    // FAIL for the reason that audit's insert has: nothing here undoes one statement, so SQLite need not copy the page to be able to.
    KMP_TRY(const std::int64_t changed, t.run("UPDATE OR FAIL charge SET amount = amount + ? WHERE ukey = ? AND day = ?", c.amount.value(), c.ukey, c.day));
    if (changed == 0) KMP_CHECK(t.run("INSERT INTO charge VALUES (?,?,?,?)", c.ukey, c.day, c.month, c.amount.value()));
    return {};
}

base::Result<std::vector<SpentRow>> spent(store::Database& database, std::int64_t day, std::int64_t month) {
    KMP_TRY(auto s, database.query("SELECT ukey, sum(CASE WHEN day = ? THEN amount ELSE 0 END), sum(amount) FROM charge WHERE month = ? GROUP BY ukey"));
    s.bind_all(day, month);
    std::vector<SpentRow> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        out.push_back({std::string(s.text(0)), model::Fen(s.integer(1)), model::Fen(s.integer(2))});
    }
}

base::Status put_hold(store::Transaction& t, const StationHold& h) {
    KMP_CHECK(t.run("INSERT OR REPLACE INTO station_hold VALUES (?,?,?,?,?)", h.station, h.since, h.orders, h.amount.value(), h.window));
    return {};
}

base::Status remove_hold(store::Transaction& t, const std::string& station) {
    KMP_CHECK(t.run("DELETE FROM station_hold WHERE station = ?", station));
    return {};
}

base::Result<std::vector<StationHold>> holds(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT station, since, orders, amount, span FROM station_hold ORDER BY station"));
    std::vector<StationHold> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        out.push_back({std::string(s.text(0)), s.integer(1), static_cast<std::uint32_t>(s.integer(2)), model::Fen(s.integer(3)), s.integer(4)});
    }
}

base::Result<Meter> find_meter(store::Database& database, model::MeterNumber number) {
    KMP_TRY(auto s, database.query("SELECT state, version, count, customer, opened, keyed, allowed_until, allowed_to, held, least, epoch, card, card_count, sold, "
                                   "last_id, last_kind, last_amount, last_count, last_card, last_credited, last_made, wiped, highest FROM meter WHERE number = ?"));
    s.bind_all(number.number());
    KMP_TRY(const bool found, s.step());
    if (!found) return {Code::not_found, "meter " + number.text() + " is not known"};
    Meter m;
    m.number = number;
    m.known = true;
    KMP_TRY(m.state, model::key_state_from(static_cast<std::uint64_t>(s.integer(0))));
    m.version = static_cast<model::KeyVersion>(s.integer(1));
    m.count = static_cast<std::uint32_t>(s.integer(2));
    KMP_TRY(m.customer, model::CustomerNumber::from_number(static_cast<std::uint64_t>(s.integer(3))));
    m.opened = s.integer(4) != 0;
    m.keyed = s.integer(5) != 0;
    m.allowed_until = s.integer(6);
    m.allowed_to = s.text(7);
    m.held = static_cast<model::KeyVersion>(s.integer(8));
    m.least = static_cast<model::KeyVersion>(s.integer(9));
    m.epoch = static_cast<std::uint64_t>(s.integer(10));
    m.card = base::to_string(s.blob(11));
    m.card_count = static_cast<std::uint32_t>(s.integer(12));
    m.sold = s.integer(13) < 0 ? std::nullopt : std::optional(model::Fen(s.integer(13)));
    m.wiped = s.integer(21) != 0;
    m.highest = static_cast<std::uint32_t>(s.integer(22));
    if (s.integer(15) == 0) return m;
    LastOrder last;
    KMP_TRY(last.id, base::Uuid::from_bytes(s.blob(14)));
    KMP_TRY(last.kind, model::order_kind_from(static_cast<std::uint64_t>(s.integer(15))));
    last.amount = model::Fen(s.integer(16));
    last.count = static_cast<std::uint32_t>(s.integer(17));
    last.card = base::to_string(s.blob(18));
    last.credited = s.integer(19) != 0;
    last.made = s.integer(20);
    m.last = std::move(last);
    return m;
}

base::Result<std::map<model::KeyVersion, std::uint64_t>> meters_by_version(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT version, count(*) FROM meter WHERE state = ? GROUP BY version"));
    s.bind_all(model::KeyState::production);
    std::map<model::KeyVersion, std::uint64_t> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        out[static_cast<model::KeyVersion>(s.integer(0))] = static_cast<std::uint64_t>(s.integer(1));
    }
}

base::Status put_meter(store::Transaction& t, const Meter& m) {
    const LastOrder last = m.last.value_or(LastOrder());
    const base::Bytes id = m.last ? base::to_bytes(last.id.raw()) : base::Bytes();
    // No REPLACE: beside an index SQLite copies and encrypts every page that it touches, to be able to undo the one statement (13 us instead of 4).
    const auto put = [&](std::string_view sql) {
        return t.run(sql, m.state, m.version, m.count, m.customer.number(), m.opened ? 1 : 0, m.keyed ? 1 : 0, m.allowed_until, m.allowed_to, m.held, m.least, m.epoch, base::as_bytes(m.card), m.card_count,
                     m.sold ? m.sold->value() : -1, id, m.last ? static_cast<int>(last.kind) : 0, last.amount.value(), last.count, base::as_bytes(last.card), last.credited ? 1 : 0, last.made, m.wiped ? 1 : 0,
                     m.highest, m.number.number());
    };
    KMP_TRY(const std::int64_t changed,
            put("UPDATE OR FAIL meter SET state=?, version=?, count=?, customer=?, opened=?, keyed=?, allowed_until=?, allowed_to=?, held=?, least=?, epoch=?, card=?, card_count=?, "
                "sold=?, last_id=?, last_kind=?, last_amount=?, last_count=?, last_card=?, last_credited=?, last_made=?, wiped=?, highest=? WHERE number=?"));
    if (changed == 0)
        KMP_CHECK(put("INSERT OR FAIL INTO meter(state, version, count, customer, opened, keyed, allowed_until, allowed_to, held, least, epoch, card, card_count, "
                      "sold, last_id, last_kind, last_amount, last_count, last_card, last_credited, last_made, wiped, highest, number) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
    return {};
}

namespace {

base::Result<std::vector<model::MeterNumber>> numbers(store::Statement& s) {
    std::vector<model::MeterNumber> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        KMP_TRY(const model::MeterNumber number, model::MeterNumber::from_number(static_cast<std::uint64_t>(s.integer(0))));
        out.push_back(number);
    }
}

}  // namespace

base::Result<std::vector<model::MeterNumber>> meters_from(store::Database& database, model::MeterNumber first, std::size_t most) {
    KMP_TRY(auto s, database.query("SELECT number FROM meter WHERE number >= ? ORDER BY number LIMIT ?"));
    s.bind_all(first.number(), most);
    return numbers(s);
}

base::Result<std::vector<model::MeterNumber>> uninserted(store::Database& database, base::Millis before, std::size_t most) {
    KMP_TRY(auto s, database.query("SELECT number FROM meter WHERE last_credited = 0 AND last_card <> x'' AND last_made <= ? ORDER BY last_made LIMIT ?"));
    s.bind_all(before, most);
    return numbers(s);
}

base::Result<std::uint64_t> meters_current_to(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT event FROM meters_current"));
    KMP_TRY(const bool found, s.step());
    if (!found) return {Code::tampered, "the database has lost the row of meters_current"};
    return static_cast<std::uint64_t>(s.integer(0));
}

base::Status raise_meters_current_to(store::Transaction& t, std::uint64_t index) {
    KMP_CHECK(t.run("UPDATE meters_current SET event = max(event, ?) WHERE one = 1", index));
    return {};
}

base::Status set_meters_current_to(store::Transaction& t, std::uint64_t index) {
    KMP_CHECK(t.run("UPDATE meters_current SET event = ? WHERE one = 1", index));
    return {};
}

}  // namespace kmp::policy
