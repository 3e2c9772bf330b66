// The table of events, without a service: whoever answers for pages is in the test.
#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <ctime>

#include "ui/log/event_view.h"
#include "ui/log/log_model.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

using namespace ui::log;
using Model = LogModel;

namespace {

/// A log of orders that answers as kmpd does: pages that end where a frame is full, and a filter that is looked through bit by bit.
class Pretended {
public:
    std::uint64_t size = 0;
    std::uint64_t archived = 0;
    std::uint64_t at_once = 50;      ///< events in an answer
    std::uint64_t looks_at = 1000;   ///< events that one answer of a search looks through
    std::uint64_t fits_every = 300;  ///< what the filter leaves
    int asked = 0;
    std::set<std::uint64_t> firsts;
    std::optional<base::Error> trouble;
    std::set<std::uint64_t> left_out;  ///< that it hides
    std::string order;
    bool silent = false;
    base::Millis apart = 1000;  ///< events are

    Source source() {
        Source out;
        out.ask = [this](QObject* owner, const pb::AuditList& request, Source::Done done) {
            ++asked;
            firsts.insert(request.first());
            if (silent) return ++ticket_;
            const QPointer<QObject> asker(owner);
            QTimer::singleShot(0, [this, asker, request, done = std::move(done)] {
                if (!asker) return;
                if (trouble) return done(*trouble);
                done(answer(request));
            });
            return ++ticket_;
        };
        out.cancel = [this](ui::link::Line::Ticket ticket) { cancelled = ticket; };
        return out;
    }
    ui::link::Line::Ticket cancelled = 0;

private:
    bool fits(std::uint64_t index, const pb::AuditList& request) const {
        if ((index > 0 && index < archived) || left_out.contains(index)) return false;
        return request.filter().types().empty() || index % fits_every == 0;
    }
    pb::AuditEvent event(std::uint64_t index) const {
        pb::AuditEvent out;
        out.set_index(index);
        out.set_time_ms(1'700'000'000'000 + static_cast<base::Millis>(index) * apart);
        out.set_type(index % 7 == 0 ? "denied" : "order");
        out.set_text("event number " + std::to_string(index));
        out.set_json("{\"index\":" + std::to_string(index) + "}");
        if (order.empty()) return out;
        out.set_text("order " + order + ":  recharge   for meter 42");
        out.set_json("{\"order_id\":\"" + order + "\"}");
        return out;
    }
    pb::AuditListReply answer(const pb::AuditList& request) const {
        pb::AuditListReply out;
        out.set_size(size);
        out.set_archived(archived);
        const std::uint64_t limit = std::min<std::uint64_t>(request.limit(), at_once);
        if (!request.newest()) {
            std::uint64_t i = request.first();
            for (; i < size && static_cast<std::uint64_t>(out.events_size()) < limit; ++i)
                if (fits(i, request)) *out.add_events() = event(i);
            out.set_next(i);
            out.set_end(i >= size);
            return out;
        }
        std::uint64_t i = request.before() == 0 ? size : request.before();
        std::vector<pb::AuditEvent> found;
        for (std::uint64_t looked = 0; i > 0 && looked < looks_at && found.size() < limit; ++looked)
            if (fits(--i, request)) found.push_back(event(i));
        for (auto at = found.rbegin(); at != found.rend(); ++at) *out.add_events() = *at;
        out.set_next(i);
        out.set_end(i == 0);
        return out;
    }
    ui::link::Line::Ticket ticket_ = 0;
};

pb::AuditFilter some() {
    pb::AuditFilter out;
    out.add_types("order");
    return out;
}

/// A log under a search.
struct Searched {
    explicit Searched(std::uint64_t size, std::uint64_t fits_every = 300) {
        log.size = size;
        log.fits_every = fits_every;
        model.set_size(size, 0);
        model.set_filter(some());
    }
    bool comes_to_the_end() {
        return QTest::qWaitFor([&] { return model.finder().is_at_end(); }, 20000);
    }
    Pretended log;
    Model model{log.source()};
};

QString what(const Model& model, int row) { return model.index(row, Model::kWhat).data().toString(); }
bool shows(const Model& model, int row, const QString& text) {
    return QTest::qWaitFor([&] { return what(model, row) == text; }, 10000);
}

}  // namespace

TEST(Log, rows_are_events_newest_first_and_come_when_they_are_looked_at) {
    Pretended log;
    log.size = 1'000'000;
    Model model(log.source());
    model.set_size(log.size, 0);
    EXPECT_EQ(model.rowCount(), 1'000'000);
    EXPECT_EQ(log.asked, 0) << "nobody looked yet";
    EXPECT_EQ(model.index(0, Model::kNumber).data().toString(), ui::parts::number(999'999));
    EXPECT_EQ(what(model, 0), QStringLiteral("…"));
    EXPECT_TRUE(shows(model, 0, "event number 999999"));
    EXPECT_EQ(what(model, 400'000), QStringLiteral("…"));
    EXPECT_TRUE(shows(model, 400'000, "event number 599999"));
    EXPECT_TRUE(shows(model, 999'999, "event number 0"));
    EXPECT_EQ(model.index(400'000, Model::kType).data().toString(), ui::parts::event_word("order"));
}

TEST(Log, a_page_that_comes_in_several_answers_is_whole_in_the_end) {
    Pretended log;
    log.size = PageCache::kPage * 3;
    log.at_once = 10;
    Model model(log.source());
    model.set_size(log.size, 0);
    EXPECT_TRUE(shows(model, 0, QString("event number %1").arg(log.size - 1)));
    for (int row = 0; row < static_cast<int>(PageCache::kPage); ++row) EXPECT_TRUE(shows(model, row, QString("event number %1").arg(log.size - 1 - static_cast<std::uint64_t>(row))));
}

TEST(Log, what_is_kept_is_bounded_however_far_one_scrolls) {
    Pretended log;
    log.size = 1'000'000;
    log.at_once = 1000;
    Model model(log.source());
    model.set_size(log.size, 0);
    for (int page = 0; page < 200; ++page) {
        const int row = page * static_cast<int>(PageCache::kPage);
        ASSERT_TRUE(shows(model, row, QString("event number %1").arg(log.size - 1 - static_cast<std::uint64_t>(row))));
        EXPECT_LE(model.cache().pages(), PageCache::kMostPages);
    }
    EXPECT_EQ(what(model, 0), QStringLiteral("…")) << "long forgotten";
    EXPECT_TRUE(shows(model, 0, "event number 999999"));
}

TEST(Log, whoever_scrolls_on_does_not_wait_for_what_was_passed) {
    Pretended log;
    log.size = 1'000'000;
    log.at_once = 1000;
    Model model(log.source());
    model.set_size(log.size, 0);
    for (int row = 0; row < 999'999; row += 5000) (void)what(model, row);
    ASSERT_TRUE(shows(model, 995'000, "event number 4999"));
    EXPECT_LE(log.asked, static_cast<int>(PageCache::kMostWanted) + 1);
}

TEST(Log, new_events_wait_until_they_are_wanted_and_move_nothing_meanwhile) {
    Pretended log;
    log.size = 100;
    Model model(log.source());
    model.set_size(100, 0);
    ASSERT_TRUE(shows(model, 0, "event number 99"));
    const QPersistentModelIndex stood(model.index(3, 0));
    log.size = 137;
    model.set_size(137, 0);
    EXPECT_EQ(model.news(), 37u);
    EXPECT_EQ(what(model, 0), QStringLiteral("event number 99"));
    model.take_news();
    EXPECT_EQ(model.news(), 0u);
    EXPECT_EQ(model.rowCount(), 137);
    EXPECT_EQ(stood.row(), 40) << "the row that somebody stands on goes with its event";
    EXPECT_EQ(what(model, 37), QStringLiteral("event number 99")) << "what is known is not asked for again";
    EXPECT_TRUE(shows(model, 0, "event number 136"));
}

TEST(Log, events_that_were_archived_say_so_and_the_first_one_stays) {
    Pretended log;
    log.size = 1000;
    log.archived = 512;
    Model model(log.source());
    model.set_size(log.size, log.archived);
    const int archived = model.row_of(511);
    EXPECT_TRUE(model.index(archived, 0).data(Model::kArchivedRole).toBool());
    EXPECT_TRUE(what(model, archived).contains("archive segment"));
    EXPECT_EQ(log.asked, 0) << "it is known without asking";
    EXPECT_TRUE(shows(model, model.row_of(512), "event number 512"));
    EXPECT_TRUE(shows(model, model.row_of(0), "event number 0"));
    EXPECT_FALSE(model.index(model.row_of(0), 0).data(Model::kArchivedRole).toBool());
}

TEST(Log, events_that_the_service_leaves_out_are_not_declared_archived) {
    for (const std::uint64_t hidden : {512u, 700u, 999u, 0u}) {
        Pretended log;
        log.size = 1000;
        log.archived = 512;
        log.left_out = {hidden};
        Model model(log.source());
        model.set_size(log.size, log.archived);
        const int row = model.row_of(hidden);
        EXPECT_TRUE(shows(model, row, "The service does not show this event.")) << hidden;
        EXPECT_FALSE(model.index(row, 0).data(Model::kArchivedRole).toBool());
        EXPECT_EQ(model.index(row, 0).data(Model::kToneRole).toInt(), static_cast<int>(ui::parts::Tone::bad));
        EXPECT_TRUE(shows(model, model.row_of(600), "event number 600")) << "the others are shown";
    }
    EventView view(nullptr);
    const auto* notice = view.findChild<ui::parts::Notice*>();
    view.show_left_out(512, 512);
    EXPECT_EQ(notice->title(), QStringLiteral("The service does not show this event."));
    view.show_left_out(0, 512);
    EXPECT_EQ(notice->title(), QStringLiteral("The service does not show this event.")) << "the first one is never archived";
    view.show_left_out(511, 512);
    EXPECT_EQ(notice->title(), QStringLiteral("It left the live database for an archive segment."));
}

TEST(Log, a_long_order_leaves_room_for_the_rest_of_its_line) {
    Pretended log;
    log.size = 1;
    log.order = "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5";
    Model model(log.source());
    model.set_size(1, 0);
    EXPECT_TRUE(shows(model, 0, "order …60718293a4b5: recharge for meter 42")) << what(model, 0).toStdString();
}

TEST(Log, times_say_their_zone) { EXPECT_TRUE(Model(Pretended().source()).headerData(Model::kTime, Qt::Horizontal, Qt::DisplayRole).toString().startsWith("Time (UTC")); }

TEST(Log, a_time_of_another_zone_than_the_headers_says_its_own) {
    const QByteArray before = qgetenv("TZ");
    qputenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3");
    tzset();
    Pretended log;
    log.size = 2;
    log.apart = 183 * base::kDay;
    Model model(log.source());
    model.set_size(2, 0);
    ASSERT_TRUE(shows(model, 0, "event number 1"));
    const bool winter = model.headerData(Model::kTime, Qt::Horizontal, Qt::DisplayRole).toString() == QStringLiteral("Time (UTC+01:00)");
    const auto time = [&](int row) { return model.index(row, Model::kTime).data().toString(); };
    // Of November 2023 and of May 2024.
    EXPECT_EQ(time(1), winter ? QStringLiteral("2023-11-14 23:13:20") : QStringLiteral("2023-11-14 23:13:20 +01:00"));
    EXPECT_EQ(time(0), winter ? QStringLiteral("2024-05-16 00:13:20 +02:00") : QStringLiteral("2024-05-16 00:13:20"));
    before.isNull() ? qunsetenv("TZ") : qputenv("TZ", before);
    tzset();
}

TEST(Log, a_log_that_became_shorter_is_read_anew) {
    Pretended log;
    log.size = 500;
    Model model(log.source());
    model.set_size(500, 0);
    ASSERT_TRUE(shows(model, 0, "event number 499"));
    log.size = 200;
    model.set_size(200, 0);
    EXPECT_EQ(model.rowCount(), 200);
    EXPECT_TRUE(shows(model, 0, "event number 199"));
}

TEST(Log, an_error_is_told_once_and_nothing_is_asked_until_somebody_goes_on) {
    Pretended log;
    log.size = 500;
    log.trouble = base::Error{base::Code::denied, "auditors alone", 0};
    Model model(log.source());
    QSignalSpy failed(&model, &Model::failed);
    model.set_size(500, 0);
    (void)what(model, 0);
    ASSERT_TRUE(failed.wait());
    for (int row = 0; row < 400; row += 100) (void)what(model, row);
    QTest::qWait(20);
    EXPECT_EQ(log.asked, 1);
    EXPECT_EQ(failed.count(), 1);
    log.trouble.reset();
    model.go_on();
    EXPECT_TRUE(shows(model, 0, "event number 499"));
}

TEST(Log, a_search_finds_backwards_as_far_as_somebody_scrolls) {
    Searched on(1'000'000);
    Model& model = on.model;
    EXPECT_EQ(model.rowCount(), 0);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !model.finder().is_looking(); }, 10000));
    EXPECT_GE(model.rowCount(), static_cast<int>(Finder::kBatch));
    EXPECT_LT(model.rowCount(), static_cast<int>(2 * Finder::kBatch));
    EXPECT_EQ(what(model, 0), QStringLiteral("event number 999900"));
    EXPECT_EQ(what(model, 1), QStringLiteral("event number 999600"));
    EXPECT_FALSE(model.finder().is_at_end());
    EXPECT_LE(*model.finder().looked_back_to(), 1'000'000u - Finder::kBatch * 300);
    ASSERT_TRUE(model.canFetchMore({}));
    const int before = model.rowCount();
    model.fetchMore({});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !model.finder().is_looking(); }, 10000));
    EXPECT_GT(model.rowCount(), before);
    EXPECT_EQ(model.row_of(999'600), 1);
    EXPECT_EQ(model.row_of(999'601), -1);
}

TEST(Log, a_search_ends_at_the_beginning_of_the_log) {
    Searched on(10'000);
    Model& model = on.model;
    ASSERT_TRUE(on.comes_to_the_end());
    EXPECT_EQ(model.rowCount(), 34);
    EXPECT_FALSE(model.canFetchMore({}));
    EXPECT_EQ(what(model, 33), QStringLiteral("event number 0"));
}

TEST(Log, a_search_that_was_stopped_goes_on_only_when_it_is_told_to) {
    Searched on(50'000, 45'000);
    auto& [log, model] = on;
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.finder().looked_back_to().has_value(); }, 10000));
    model.finder().stop();
    EXPECT_NE(log.cancelled, 0u);
    const int asked = log.asked;
    EXPECT_FALSE(model.canFetchMore({})) << "a table would go on by itself";
    QTest::qWait(20);
    EXPECT_EQ(log.asked, asked);
    model.finder().more();
    ASSERT_TRUE(on.comes_to_the_end());
    EXPECT_EQ(model.rowCount(), 2);
}

TEST(Log, what_fits_and_comes_during_a_search_waits_above_it) {
    Searched on(1000);
    auto& [log, model] = on;
    ASSERT_TRUE(on.comes_to_the_end());
    EXPECT_EQ(what(model, 0), QStringLiteral("event number 900"));
    log.size = 1600;
    model.set_size(log.size, 0);
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.news() == 2; }, 10000));
    model.take_news();
    EXPECT_EQ(what(model, 0), QStringLiteral("event number 1500"));
    EXPECT_EQ(what(model, 1), QStringLiteral("event number 1200"));
    EXPECT_EQ(what(model, 2), QStringLiteral("event number 900"));
    model.set_filter({});
    EXPECT_EQ(model.rowCount(), 1600);
}

TEST(Log, an_answer_to_an_earlier_search_is_not_taken_for_this_one) {
    Searched on(1000);
    auto& [log, model] = on;
    pb::AuditFilter other = some();
    other.set_text("other");
    log.fits_every = 500;
    model.set_filter(other);
    ASSERT_TRUE(on.comes_to_the_end());
    EXPECT_EQ(model.rowCount(), 2);
}

TEST(Log, what_was_read_is_forgotten_when_somebody_else_looks) {
    Pretended log;
    log.size = 100;
    Model model(log.source());
    model.set_size(100, 0);
    ASSERT_TRUE(shows(model, 0, "event number 99"));
    model.forget();
    log.trouble = base::Error{base::Code::denied, "auditors alone", 0};
    EXPECT_EQ(what(model, 0), QStringLiteral("…"));
    EXPECT_FALSE(QTest::qWaitFor([&] { return what(model, 0) != QStringLiteral("…"); }, 50));
}
