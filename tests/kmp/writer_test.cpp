#include "kmp/service/writer.h"

#include <gtest/gtest.h>

#include <future>

#include "kmp/service/opening.h"
#include "tests/store/temporary_folder.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using kmp::service::Entry;
using kmp::service::Writer;

class writer : public testing::Test {
protected:
    TemporaryFolder folder;
    base::Secret key = base::Secret::random(32);
    base::ManualClock clock{1'000'000};
    kmp::service::CommitMetrics metrics;
    std::unique_ptr<Writer> w;

    void SetUp() override {
        auto database = std::make_unique<store::Database>(store::Database::open(folder.file("kmp.db"), key, store::Mode::create).value());
        ASSERT_TRUE(store::migrate(*database, kmp::service::all_schemas()));
        auto journal = audit::Journal::open(*database);
        ASSERT_TRUE(journal) << journal.error().message;
        w = std::make_unique<Writer>(std::move(database), std::move(*journal), clock, [](std::vector<std::function<void()>> calls) {
            for (const auto& call : calls) call();
        }, metrics);
    }
    static Entry note(const std::string& text) {
        Event event(EventType::configuration);
        event.text(Field::note, text);
        Entry entry;
        entry.events.push_back(std::move(event));
        return entry;
    }
    std::vector<std::string> logged() {
        auto database = store::Database::open(folder.file("kmp.db"), key, store::Mode::read_only).value();
        audit::LogReader log(database);
        std::vector<std::string> out;
        EXPECT_TRUE(log.read(0, log.size().value(), [&](std::uint64_t, base::ByteView bytes) {
            out.emplace_back(audit::Record::decode(bytes).value().text(Field::note));
            return true;
        }));
        return out;
    }
};

TEST_F(writer, a_receipt_comes_after_the_event_is_durable) {
    const auto receipt = w->write(note("a"));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->index, 0u);
    EXPECT_EQ(logged(), (std::vector<std::string>{"a"}));
    EXPECT_EQ(w->head().size, 1u);
}

TEST_F(writer, entries_keep_the_order_in_which_they_were_submitted) {
    std::vector<std::future<std::uint64_t>> indices;
    for (int i = 0; i < 500; ++i) {
        auto promise = std::make_shared<std::promise<std::uint64_t>>();
        indices.push_back(promise->get_future());
        Entry entry = note(std::to_string(i));
        entry.done = [promise](base::Result<audit::Receipt> r) { promise->set_value(r ? r->index : UINT64_MAX); };
        w->submit(std::move(entry));
    }
    for (std::size_t i = 0; i < indices.size(); ++i) EXPECT_EQ(indices[i].get(), i);
}

TEST_F(writer, one_bad_entry_fails_alone_and_leaves_nothing) {
    std::vector<std::future<bool>> results;
    for (int i = 0; i < 20; ++i) {
        auto promise = std::make_shared<std::promise<bool>>();
        results.push_back(promise->get_future());
        Entry entry = note(std::to_string(i));
        if (i % 5 == 2) entry.effect = [](store::Transaction&, const audit::Receipt&) -> base::Status { return {Code::conflict, "no"}; };
        entry.done = [promise](base::Result<audit::Receipt> r) { promise->set_value(r.ok()); };
        w->submit(std::move(entry));
    }
    for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].get(), i % 5 != 2) << i;
    EXPECT_EQ(logged().size(), 16u);
}

TEST_F(writer, an_event_that_breaks_its_table_is_refused_and_the_log_goes_on) {
    Entry bad;
    bad.events.push_back(Event(EventType::order));  // without what an order must say
    EXPECT_EQ(w->write(std::move(bad)).error().code, Code::internal);
    ASSERT_TRUE(w->write(note("after")));
    EXPECT_EQ(logged(), (std::vector<std::string>{"after"}));
}

TEST_F(writer, an_order_its_charge_and_its_event_commit_together) {
    kmp::policy::OrderRow row;
    row.key = {"s-1", base::Uuid::make_v7(clock.now())};
    row.record.count = 3;
    const auto entry = [&] {
        Entry e = note("order");
        e.order = row;
        e.charge = kmp::policy::Charge{"US-1", 10, 1, model::Fen(250)};
        return e;
    };
    ASSERT_TRUE(w->write(entry()));
    // The same order again breaks the row's key: neither charge nor event may stay.
    EXPECT_FALSE(w->write(entry()));
    auto database = store::Database::open(folder.file("kmp.db"), key, store::Mode::read_only).value();
    const auto spent = kmp::policy::spent(database, 10, 1).value();
    ASSERT_EQ(spent.size(), 1u);
    EXPECT_EQ(spent[0].today, model::Fen(250));
    EXPECT_EQ(logged().size(), 1u);
    EXPECT_EQ(kmp::policy::find_order(database, row.key)->count, 3u);
}

TEST_F(writer, recorded_time_never_falls) {
    ASSERT_TRUE(w->write(note("a")));
    clock.set(500);
    const auto receipt = w->write(note("b"));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->time, 1'000'000);
}

TEST_F(writer, what_is_queued_is_finished_before_it_goes) {
    for (int i = 0; i < 300; ++i) w->submit(note(std::to_string(i)));
    w.reset();
    EXPECT_EQ(logged().size(), 300u);
}

}  // namespace
