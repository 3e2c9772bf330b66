#include "vending/journal.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <span>

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;

constexpr int kApplication = 0x4B4D504A;  // "KMPJ"
constexpr int kVersion = 3;
constexpr base::Millis kFreshId = base::kHour;  // kmpd takes ids of the last seven days
constexpr int kPatience = 10000;  // ms, for another program that writes

constexpr const char* kSchema = R"(
CREATE TABLE orders (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  kind INTEGER NOT NULL, meter INTEGER NOT NULL, customer INTEGER, amount INTEGER,
  own_id INTEGER NOT NULL, batch INTEGER NOT NULL, line INTEGER NOT NULL,
  state INTEGER NOT NULL, count INTEGER NOT NULL, receipt INTEGER NOT NULL, said TEXT NOT NULL,
  made INTEGER NOT NULL, changed INTEGER NOT NULL, by_card INTEGER NOT NULL DEFAULT 0, leaf BLOB NOT NULL DEFAULT x'');
CREATE UNIQUE INDEX by_line ON orders (batch, line) WHERE batch > 0;
CREATE INDEX by_meter ON orders (meter, state);
CREATE TABLE steps (number INTEGER PRIMARY KEY, order_number INTEGER NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL, said TEXT NOT NULL);
CREATE INDEX steps_of_order ON steps (order_number);
CREATE TABLE batches (number INTEGER PRIMARY KEY, path TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE batch_contents (content BLOB PRIMARY KEY, batch INTEGER NOT NULL);
CREATE TABLE key_runs (run BLOB NOT NULL, meter INTEGER NOT NULL, done INTEGER NOT NULL, said TEXT NOT NULL, key_version INTEGER NOT NULL,
  frames INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (run, meter));
)";

struct StateText {
    std::string_view name;
    std::string_view words;
};
// In the order of OrderState; the numbers stand in the file.
constexpr std::array<StateText, 9> kStates{{
    {"planned", "not asked for yet"},
    {"asked", "kmpd was asked; its answer was not seen"},
    {"answered", "kmpd gave its MACs; the meter was not asked"},
    {"sent", "sent to the meter; its answer was not seen"},
    {"confirmed", "confirmed by the meter"},
    {"refused", "refused by kmpd"},
    {"held", "refused by the meter; it keeps its purchase count"},
    {"unknown", "nobody knows whether the meter took it"},
    {"voided", "voided: the meter never took it; nothing is charged for it"},
}};

struct OperationText {
    pb::OrderKind kind;
    std::string_view name;
};
constexpr std::array<OperationText, 6> kOperations{{
    {pb::OPEN_ACCOUNT, "open"},
    {pb::RECHARGE, "recharge"},
    {pb::REFUND, "refund"},
    {pb::CLEAR, "clear"},
    {pb::INITIALISE_WALLET, "init-wallet"},
    {pb::REPLACE_CARD, "replace-card"},
}};

base::Error sqlite_error(sqlite3* db, std::string text) {
    const int code = db == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(db);
    text += std::string(": ") + (db == nullptr ? "no memory" : sqlite3_errmsg(db));
    switch (code & 0xFF) {
        case SQLITE_FULL: return {Code::storage_full, text, code};
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return {Code::busy, text + " (another kmp-vend writes to it; try again)", code};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return {Code::tampered, text, code};
        default: return {Code::storage_failed, text, code};
    }
}

}  // namespace

std::string_view name(OrderState state) noexcept { return kStates[static_cast<std::size_t>(state)].name; }
std::string_view words(OrderState state, bool by_card) noexcept {
    if (by_card && state == OrderState::answered) return "kmpd gave it; its card is not written";
    if (by_card && state == OrderState::confirmed) return "on its card";
    return kStates[static_cast<std::size_t>(state)].words;
}
std::string_view words(const JournalOrder& order) noexcept { return words(order.state, order.by_card); }

std::string_view operation_name(pb::OrderKind kind) noexcept {
    for (const auto& o : kOperations)
        if (o.kind == kind) return o.name;
    return "unknown";
}
std::optional<pb::OrderKind> parse_operation(std::string_view name) noexcept {
    for (const auto& o : kOperations)
        if (o.name == name && o.kind != pb::REPLACE_CARD) return o.kind;
    return std::nullopt;
}

MeterHold::~MeterHold() {
    if (fd_ < 0) return;
    struct flock range {};
    range.l_type = F_UNLCK;
    range.l_whence = SEEK_SET;
    range.l_start = place_;
    range.l_len = 1;
    fcntl(fd_, F_OFD_SETLK, &range);
}

/// One statement. A failed step or bind shows in the error of the next call.
class Journal::Query {
public:
    Query(const Journal& journal, const char* sql) : journal_(journal) { good_ = sqlite3_prepare_v2(journal.db_.get(), sql, -1, &statement_, nullptr) == SQLITE_OK; }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query() { sqlite3_finalize(statement_); }

    Query& number(std::int64_t v) { return checked(sqlite3_bind_int64(statement_, ++bound_, v)); }
    Query& text(std::string_view v) { return checked(sqlite3_bind_text(statement_, ++bound_, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT)); }
    Query& blob(base::ByteView v) { return checked(sqlite3_bind_blob(statement_, ++bound_, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT)); }
    Query& maybe(const std::optional<std::int64_t>& v) { return v ? number(*v) : checked(sqlite3_bind_null(statement_, ++bound_)); }

    /// True: there is a row.
    base::Result<bool> step() {
        const int code = good_ ? sqlite3_step(statement_) : SQLITE_ERROR;
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        return journal_.trouble("it cannot be used");
    }
    base::Status run() {
        KMP_CHECK(step());
        return {};
    }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::string string(int column) const {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }
    base::ByteView bytes(int column) const {
        return {static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column)), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

private:
    Query& checked(int code) {
        good_ = good_ && code == SQLITE_OK;
        return *this;
    }
    const Journal& journal_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
    bool good_ = false;
};

void Journal::Close::operator()(sqlite3* db) const noexcept { sqlite3_close(db); }

Journal::Journal(std::unique_ptr<sqlite3, Close> db, base::Fd lock, std::string file, const base::Clock& clock)
    : db_(std::move(db)), lock_(std::move(lock)), file_(std::move(file)), clock_(&clock) {}
Journal::Journal(Journal&&) noexcept = default;
Journal::~Journal() = default;

base::Error Journal::trouble(std::string_view doing) const {
    return sqlite_error(db_.get(), "the order journal " + file_ + ": " + std::string(doing));
}

base::Status Journal::run(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return trouble("it cannot be used");
    return {};
}

base::Status Journal::in_transaction(const std::function<base::Status()>& work) {
    KMP_CHECK(run("BEGIN IMMEDIATE"));
    auto done = work();
    if (done) done = run("COMMIT");
    // Whatever went wrong first is what the caller must read.
    if (!done && sqlite3_get_autocommit(db_.get()) == 0) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    return done;
}

base::Result<Journal> Journal::open(const std::string& file, const base::Clock& clock) {
    const std::string folder = std::filesystem::path(file).parent_path().string();
    std::error_code error;
    if (!folder.empty() && std::filesystem::create_directories(folder, error)) chmod(folder.c_str(), 0700);
    base::Fd lock(::open((file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) return base::errno_error("cannot write the order journal " + file, errno);
    // Made here, so that it never has another mode.
    base::Fd made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!made) return base::errno_error("cannot write the order journal " + file, errno);
    made.reset();
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
    std::unique_ptr<sqlite3, Close> db(raw);
    if (code != SQLITE_OK) return sqlite_error(raw, "cannot open the order journal " + file);
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, kPatience);
    Journal out(std::move(db), std::move(lock), file, clock);
    // EXTRA: the folder is synced too, so that a commit is on the disk when it returns.
    KMP_CHECK(out.run("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA cell_size_check=ON"));
    const auto ready = out.in_transaction([&]() -> base::Status {
        const auto pragma = [&](const char* sql) -> base::Result<std::int64_t> {
            Query q(out, sql);
            KMP_CHECK(q.step());
            return q.integer(0);
        };
        KMP_TRY(const std::int64_t version, pragma("PRAGMA user_version"));
        KMP_TRY(const std::int64_t application, pragma("PRAGMA application_id"));
        KMP_TRY(const std::int64_t tables, pragma("SELECT count(*) FROM sqlite_master"));
        if (tables == 0) return out.run((std::string(kSchema) + "PRAGMA application_id=" + std::to_string(kApplication) + "; PRAGMA user_version=" + std::to_string(kVersion)).c_str());
        if (application != kApplication) return {Code::unsupported, file + " is no order journal of kmp-vend; give another file with --journal"};
        // Version 3 has leaf hashes, and one more state of orders, which an older program would not know.
        if (version == 2) return out.run("ALTER TABLE orders ADD COLUMN leaf BLOB NOT NULL DEFAULT x''; PRAGMA user_version=3");
        if (version == 1) return out.run("ALTER TABLE orders ADD COLUMN by_card INTEGER NOT NULL DEFAULT 0; ALTER TABLE orders ADD COLUMN leaf BLOB NOT NULL DEFAULT x''; CREATE TABLE batch_contents (content BLOB PRIMARY KEY, batch INTEGER NOT NULL);"
                                             "INSERT OR IGNORE INTO batch_contents SELECT content, number FROM batches; PRAGMA user_version=3");
        if (version != kVersion) return {Code::unsupported, "the order journal " + file + " was written by another version of kmp-vend (" + std::to_string(version) + ")"};
        return {};
    });
    if (!ready) return ready.error();
    return out;
}

base::Result<MeterHold> Journal::hold(model::MeterNumber meter) {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    range.l_start = static_cast<off_t>(meter.number());
    range.l_len = 1;
    if (fcntl(lock_.get(), F_OFD_SETLK, &range) != 0) {
        if (errno == EAGAIN || errno == EACCES) return {Code::busy, "another kmp-vend on this journal is busy with meter " + meter.text() + "; try again when it is done"};
        return base::errno_error("cannot hold meter " + meter.text() + " in the order journal " + file_, errno);
    }
    return MeterHold(lock_.get(), range.l_start);
}

base::Status Journal::add_step(const JournalOrder& o) {
    return Query(*this, "INSERT INTO steps (order_number, at, state, said) VALUES (?,?,?,?)").number(o.number).number(o.changed).number(static_cast<int>(o.state)).text(o.said).run();
}

base::Status Journal::insert(JournalOrder& o) {
    o.made = o.changed = clock_->now();
    std::optional<std::int64_t> customer, amount;
    if (o.customer) customer = static_cast<std::int64_t>(o.customer->number());
    if (o.amount) amount = o.amount->value();
    auto done = Query(*this, "INSERT INTO orders (id, kind, meter, customer, amount, own_id, batch, line, state, count, receipt, said, made, changed, by_card) VALUES (?,?,?,?,?,?,?,?,?,0,0,'',?,?,?)")
                    .blob(o.id.raw()).number(o.kind).number(static_cast<std::int64_t>(o.meter.number())).maybe(customer).maybe(amount).number(o.own_id).number(o.batch)
                    .number(static_cast<std::int64_t>(o.line)).number(static_cast<int>(o.state)).number(o.made).number(o.changed).number(o.by_card).run();
    if (!done && (done.error().raw & 0xFF) == SQLITE_CONSTRAINT) return {Code::already_exists, "order " + o.id.text() + " stands in the journal already"};
    KMP_CHECK(done);
    o.number = sqlite3_last_insert_rowid(db_.get());
    return add_step(o);
}

base::Result<JournalOrder> Journal::plan(JournalOrder order) {
    KMP_CHECK(in_transaction([&] { return insert(order); }));
    if (on_state) on_state(order.state);
    return order;
}

base::Status Journal::plan_all(std::vector<JournalOrder>& orders) {
    const auto written = in_transaction([&]() -> base::Status {
        for (JournalOrder& o : orders) KMP_CHECK(insert(o));
        return {};
    });
    KMP_CHECK(written);
    if (on_state && !orders.empty()) on_state(OrderState::planned);
    return {};
}

base::Status Journal::prepare(JournalOrder& order) {
    JournalOrder next = order;
    if (next.own_id && clock_->now() - next.id.time() > kFreshId) next.id = base::Uuid::make_v7(clock_->now());
    std::optional<std::int64_t> customer, amount;
    if (next.customer) customer = static_cast<std::int64_t>(next.customer->number());
    if (next.amount) amount = next.amount->value();
    KMP_CHECK(Query(*this, "UPDATE orders SET id=?, customer=?, amount=? WHERE number=? AND state IN (0, 5)").blob(next.id.raw()).maybe(customer).maybe(amount).number(next.number).run());
    order = std::move(next);
    return {};
}

base::Status Journal::note(JournalOrder& order, OrderState state, std::string said) {
    JournalOrder next = order;
    next.state = state;
    next.said = std::move(said);
    next.changed = clock_->now();
    const auto written = in_transaction([&]() -> base::Status {
        KMP_CHECK(Query(*this, "UPDATE orders SET state=?, said=?, count=?, receipt=?, leaf=?, changed=? WHERE number=?").number(static_cast<int>(next.state)).text(next.said).number(next.count)
                      .number(static_cast<std::int64_t>(next.receipt)).blob(base::as_bytes(next.leaf)).number(next.changed).number(next.number).run());
        return add_step(next);
    });
    KMP_CHECK(written);
    order = std::move(next);
    if (on_state) on_state(order.state);
    return {};
}

base::Result<std::vector<JournalOrder>> Journal::select(const char* tail, std::initializer_list<std::int64_t> values) {
    const std::string sql = std::string("SELECT number, id, kind, meter, customer, amount, own_id, batch, line, state, count, receipt, said, made, changed, by_card, leaf FROM orders ") + tail;
    Query q(*this, sql.c_str());
    for (const std::int64_t v : values) q.number(v);
    std::vector<JournalOrder> out;
    for (;;) {
        KMP_TRY(const bool row, q.step());
        if (!row) return out;
        JournalOrder o;
        o.number = q.integer(0);
        KMP_TRY(o.id, base::Uuid::from_bytes(q.bytes(1)));
        o.kind = static_cast<pb::OrderKind>(q.integer(2));
        KMP_TRY(o.meter, model::MeterNumber::from_number(static_cast<std::uint64_t>(q.integer(3))));
        if (!q.null(4)) { KMP_TRY(o.customer, model::CustomerNumber::from_number(static_cast<std::uint64_t>(q.integer(4)))); }
        if (!q.null(5)) o.amount = model::Fen(q.integer(5));
        o.own_id = q.integer(6) != 0;
        o.batch = q.integer(7);
        o.line = static_cast<std::size_t>(q.integer(8));
        if (q.integer(9) < 0 || q.integer(9) >= static_cast<std::int64_t>(kStates.size())) return {Code::tampered, "the order journal " + file_ + " holds a state that there is not"};
        o.state = static_cast<OrderState>(q.integer(9));
        o.count = static_cast<std::uint32_t>(q.integer(10));
        o.receipt = static_cast<std::uint64_t>(q.integer(11));
        o.said = q.string(12);
        o.made = q.integer(13);
        o.changed = q.integer(14);
        o.by_card = q.integer(15) != 0;
        o.leaf = base::to_string(q.bytes(16));
        out.push_back(std::move(o));
    }
}

namespace {

base::Result<std::optional<JournalOrder>> first(base::Result<std::vector<JournalOrder>> found) {
    if (!found) return std::move(found).error();
    if (found->empty()) return std::optional<JournalOrder>();
    return std::optional(std::move(found->front()));
}

constexpr const char* kUnfinished = "WHERE state NOT IN (0, 4, 5, 8) ORDER BY number";  // planned, confirmed, refused, voided
constexpr const char* kUnfinishedOfMeter = "WHERE meter = ? AND state NOT IN (0, 4, 5, 8) ORDER BY number LIMIT 1";
static_assert(static_cast<int>(OrderState::planned) == 0 && static_cast<int>(OrderState::confirmed) == 4 && static_cast<int>(OrderState::refused) == 5);

}  // namespace

base::Result<std::optional<JournalOrder>> Journal::find(const base::Uuid& id) {
    Query q(*this, "SELECT number FROM orders WHERE id = ?");
    q.blob(id.raw());
    KMP_TRY(const bool there, q.step());
    return first(select("WHERE number = ?", {there ? q.integer(0) : 0}));
}
base::Result<JournalOrder> Journal::reload(const JournalOrder& order) {
    KMP_TRY(auto found, first(select("WHERE number = ?", {order.number})));
    if (!found) return base::Error{Code::not_found, "order " + order.id.text() + " is not in the journal " + file_};
    return std::move(*found);
}
base::Result<std::optional<JournalOrder>> Journal::find(std::int64_t batch, std::size_t line) {
    return first(select("WHERE batch = ? AND line = ?", {batch, static_cast<std::int64_t>(line)}));
}
base::Result<std::optional<JournalOrder>> Journal::unfinished_of(model::MeterNumber meter) {
    return first(select(kUnfinishedOfMeter, {static_cast<std::int64_t>(meter.number())}));
}
base::Result<std::vector<JournalOrder>> Journal::all_unfinished() { return select(kUnfinished, {}); }
base::Result<std::vector<JournalOrder>> Journal::charged() {
    KMP_TRY(auto orders, select("WHERE state IN (2, 3, 4, 6, 7, 8) ORDER BY number", {}));  // neither planned, asked nor refused
    Query q(*this, "SELECT order_number, min(at) FROM steps WHERE state = ? GROUP BY order_number ORDER BY order_number");
    q.number(static_cast<int>(OrderState::answered));
    auto order = orders.begin();
    for (;;) {
        KMP_TRY(const bool row, q.step());
        if (!row) return orders;
        while (order != orders.end() && order->number < q.integer(0)) ++order;
        if (order != orders.end() && order->number == q.integer(0)) order->changed = q.integer(1);
    }
}
base::Result<std::int64_t> Journal::count(OrderState state) {
    Query q(*this, "SELECT count(*) FROM orders WHERE state = ?");
    KMP_CHECK(q.number(static_cast<int>(state)).step());
    return q.integer(0);
}
base::Result<bool> Journal::is_count_of_another(const JournalOrder& order, std::uint32_t purchase_count) {
    Query q(*this, "SELECT count(*) FROM orders WHERE meter = ? AND count = ? AND number <> ? AND kind <> ? AND state <> 8");
    KMP_CHECK(q.number(static_cast<std::int64_t>(order.meter.number())).number(purchase_count).number(order.number).number(pb::REPLACE_CARD).step());
    return q.integer(0) != 0;
}
base::Result<std::vector<JournalOrder>> Journal::newest(std::size_t limit) {
    return select("WHERE number IN (SELECT number FROM orders ORDER BY number DESC LIMIT ?) ORDER BY number", {static_cast<std::int64_t>(limit)});
}
base::Result<std::vector<JournalOrder>> Journal::of_batch(std::int64_t batch) { return select("WHERE batch = ? ORDER BY line", {batch}); }

base::Result<std::vector<JournalStep>> Journal::steps(const JournalOrder& order) {
    Query q(*this, "SELECT at, state, said FROM steps WHERE order_number = ? ORDER BY number");
    q.number(order.number);
    std::vector<JournalStep> out;
    for (;;) {
        KMP_TRY(const bool row, q.step());
        if (!row) return out;
        out.push_back({q.integer(0), static_cast<OrderState>(q.integer(1)), q.string(2)});
    }
}

base::Result<std::int64_t> Journal::batch(const std::string& path, const base::Digest& content) {
    std::int64_t number = 0;
    const auto written = in_transaction([&]() -> base::Status {
        // By its content first: the same orders under another name are the same orders.
        {
            Query q(*this, "SELECT batch FROM batch_contents WHERE content = ?");
            KMP_TRY(const bool there, q.blob(content).step());
            if (there) {
                number = q.integer(0);
                return {};
            }
        }
        {
            Query q(*this, "SELECT number FROM batches WHERE path = ?");
            KMP_TRY(const bool there, q.text(path).step());
            if (there) number = q.integer(0);
        }
        if (number == 0) {
            KMP_CHECK(Query(*this, "INSERT INTO batches (path, content) VALUES (?,?)").text(path).blob(content).run());
            number = sqlite3_last_insert_rowid(db_.get());
        }
        // Every content that the file has had: a copy of any of them is the same batch.
        return Query(*this, "INSERT INTO batch_contents (content, batch) VALUES (?,?)").blob(content).number(number).run();
    });
    KMP_CHECK(written);
    return number;
}

base::Result<std::vector<Journal::KeyRow>> Journal::key_rows(const base::Digest& run) {
    Query q(*this, "SELECT meter, done, said, key_version, frames, at FROM key_runs WHERE run = ? ORDER BY meter");
    q.blob(run);
    std::vector<KeyRow> out;
    for (;;) {
        KMP_TRY(const bool row, q.step());
        if (!row) return out;
        KMP_TRY(const model::MeterNumber meter, model::MeterNumber::from_number(static_cast<std::uint64_t>(q.integer(0))));
        out.push_back({meter, q.integer(1) != 0, q.string(2), static_cast<std::uint32_t>(q.integer(3)), static_cast<unsigned>(q.integer(4)), q.integer(5)});
    }
}

base::Status Journal::note_keys(const base::Digest& run, const KeyRow& row) {
    return Query(*this, "INSERT OR REPLACE INTO key_runs (run, meter, done, said, key_version, frames, at) VALUES (?,?,?,?,?,?,?)").blob(run).number(static_cast<std::int64_t>(row.meter.number()))
        .number(row.done).text(row.said).number(row.key_version).number(row.frames).number(clock_->now()).run();
}

}  // namespace vending
