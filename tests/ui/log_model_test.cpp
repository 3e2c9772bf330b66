// The table of events, without a service: whoever answers for pages is in the test.
#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include "audit/types.h"
#include "ui/log/fields.h"
#include "ui/log/log_model.h"
#include "ui/log/search_words.h"
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
    bool silent = false;

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
        if (index > 0 && index < archived) return false;
        return request.filter().types().empty() || index % fits_every == 0;
    }
    static pb::AuditEvent event(std::uint64_t index) {
        pb::AuditEvent out;
        out.set_index(index);
        out.set_time_ms(1'700'000'000'000 + static_cast<base::Millis>(index) * 1000);
        out.set_type(index % 7 == 0 ? "denied" : "order");
        out.set_text("event number " + std::to_string(index));
        out.set_json("{\"index\":" + std::to_string(index) + "}");
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
    Pretended log;
    log.size = 1'000'000;
    Model model(log.source());
    model.set_size(log.size, 0);
    model.set_filter(some());
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
    Pretended log;
    log.size = 10'000;
    Model model(log.source());
    model.set_size(log.size, 0);
    model.set_filter(some());
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.finder().is_at_end(); }, 10000));
    EXPECT_EQ(model.rowCount(), 34);
    EXPECT_FALSE(model.canFetchMore({}));
    EXPECT_EQ(what(model, 33), QStringLiteral("event number 0"));
}

TEST(Log, a_search_that_was_stopped_goes_on_only_when_it_is_told_to) {
    Pretended log;
    log.size = 50'000;
    log.fits_every = 45'000;
    Model model(log.source());
    model.set_size(log.size, 0);
    model.set_filter(some());
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.finder().looked_back_to().has_value(); }, 10000));
    model.finder().stop();
    EXPECT_NE(log.cancelled, 0u);
    const int asked = log.asked;
    EXPECT_FALSE(model.canFetchMore({})) << "a table would go on by itself";
    QTest::qWait(20);
    EXPECT_EQ(log.asked, asked);
    model.finder().more();
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.finder().is_at_end(); }, 20000));
    EXPECT_EQ(model.rowCount(), 2);
}

TEST(Log, what_fits_and_comes_during_a_search_waits_above_it) {
    Pretended log;
    log.size = 1000;
    Model model(log.source());
    model.set_size(log.size, 0);
    model.set_filter(some());
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.finder().is_at_end(); }, 10000));
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
    Pretended log;
    log.size = 1000;
    Model model(log.source());
    model.set_size(log.size, 0);
    model.set_filter(some());
    pb::AuditFilter other = some();
    other.set_text("other");
    log.fits_every = 500;
    model.set_filter(other);
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.finder().is_at_end(); }, 10000));
    EXPECT_EQ(model.rowCount(), 2);
}

TEST(Fields, of_an_event_are_readable) {
    const auto fields = fields_of(R"({"index":7,"time":"2026-11-23T13:20:01.345Z","type":"order","meter":"000000000042","amount":123456,"genuine":false,"ukey_kind":"user","root":"00112233aabbccdd","not_after":"2027-11-23T13:19:59.932Z","classes":18,"command":26,"action":"report-lost","new_field":"new"})");
    const auto value = [&](const QString& name) {
        const auto at = std::ranges::find(fields, name, &Field::name);
        return at == fields.end() ? QStringLiteral("none") : at->value;
    };
    EXPECT_EQ(fields.size(), 10u) << "number, time and type stand elsewhere";
    EXPECT_EQ(fields.front().name, QStringLiteral("meter")) << "in the log's order";
    EXPECT_EQ(value("meter"), QStringLiteral("000000000042"));
    EXPECT_EQ(value("amount"), QStringLiteral("1,234.56 yuan"));
    EXPECT_EQ(value("genuine"), QStringLiteral("no"));
    EXPECT_EQ(value("ukey_kind"), QStringLiteral("user UKEY"));
    EXPECT_EQ(value("root"), QStringLiteral("0011 2233 aabb ccdd"));
    EXPECT_EQ(value("classes"), QStringLiteral("identity, credit"));
    EXPECT_EQ(value("command"), QStringLiteral("trip"));
    EXPECT_EQ(value("action"), QStringLiteral("report lost"));
    EXPECT_TRUE(value("not_after").startsWith("2027-11-2")) << "in local time";
    EXPECT_EQ(fields.back().label, QStringLiteral("new_field")) << "a stranger keeps its name";
    EXPECT_EQ(raw_field(R"({"meter":"000000000042","intent":7})", "intent"), QStringLiteral("7"));
}

TEST(Fields, of_the_log_all_have_a_label) {
    const auto known = known_fields();
    EXPECT_EQ(known.size(), audit::all_fields().size());
    for (const audit::FieldInfo& field : audit::all_fields()) EXPECT_NE(std::ranges::find(known, field.name), known.end()) << field.name;
}

TEST(Fields, that_are_long_are_cut_short_and_what_is_no_event_has_none) {
    const std::string hex(1000, 'a');
    const auto fields = fields_of("{\"certificate\":\"" + hex + "\"}");
    ASSERT_EQ(fields.size(), 1u);
    EXPECT_TRUE(fields.front().value.contains("500 bytes"));
    EXPECT_EQ(fields.front().whole.size(), 1000);
    EXPECT_TRUE(fields_of("no json").empty());
    EXPECT_EQ(raw_field("no json", "ukey"), QString());
}

TEST(Fields, long_words_may_end_a_line_and_others_may_not) {
    EXPECT_EQ(breakable("a checkpoint was signed"), QStringLiteral("a checkpoint was signed"));
    const QString root(64, 'a');
    QString broken = breakable("root " + root);
    EXPECT_GT(broken.size(), 69);
    EXPECT_EQ(broken.remove(QChar(0x200B)), "root " + root);
    EXPECT_EQ(breakable(QStringLiteral("已签发吊销列表，有效期至操作者所述的时间为止，以安全官的名义公布并写入日志")), QStringLiteral("已签发吊销列表，有效期至操作者所述的时间为止，以安全官的名义公布并写入日志")) << "a line may end anywhere in Chinese";
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

TEST(Search, times_are_local_here_and_carry_their_distance_from_utc_in_the_file) {
    for (const char* typed : {"2026-11-23 14:05", "2026-11-23 14:05:09"}) {
        const std::string kept = kept_time(typed, false);
        EXPECT_TRUE(kept.find('T') != std::string::npos) << kept;
        EXPECT_EQ(shown_time(kept), QString(typed));
        EXPECT_TRUE(kmp::searches::parse_moment(kept, "from", false, base::SystemClock().now())) << kept;
    }
    EXPECT_EQ(shown_time(kept_time("2026-11-23", false)), QStringLiteral("2026-11-23 00:00"));
    EXPECT_EQ(shown_time(kept_time("2026-11-23", true)), QStringLiteral("2026-11-24 00:00")) << "until the end of the day";
    EXPECT_EQ(kept_time("7d", false), "7d");
    EXPECT_EQ(shown_time("2026-11-23"), QStringLiteral("2026-11-23 UTC")) << "as kmpctl keeps a day";
    EXPECT_EQ(kept_time("2026-11-23 UTC", true), "2026-11-23");
}

TEST(Search, each_part_is_told_in_words_and_can_be_taken_away) {
    SearchText search;
    search.types = {"order", "denied"};
    search.meters = {"000000000042"};
    search.from = "7d";
    search.text = "revo*";
    auto parts = parts_of(search);
    ASSERT_EQ(parts.size(), 4u) << "words are typed where they stand";
    EXPECT_EQ(parts[0].words, QStringLiteral("The last 7d"));
    EXPECT_EQ(parts[1].words, QStringLiteral("Type: Order"));
    for (const Part& part : parts) take_away(search, part);
    EXPECT_TRUE(parts_of(search).empty());
    EXPECT_EQ(search.text, "revo*");
}

TEST(Search, what_cannot_be_read_is_named_by_its_field) {
    SearchText search;
    search.meters = {"12"};
    const auto wrong = filter_of(search);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message, "Meter '12': it takes a 12-digit meter number");
    search.meters = {"000000000042"};
    search.amount_from = "12.34";
    const auto filter = filter_of(search);
    ASSERT_TRUE(filter);
    EXPECT_EQ(filter->meters(0), 42u);
    EXPECT_EQ(filter->amount_from_fen(), 1234u);
}

TEST(Search, every_type_of_event_stands_in_one_group) {
    std::multiset<std::string> grouped;
    for (const TypeGroup& group : type_groups()) {
        EXPECT_NE(group.title, QStringLiteral("Other")) << group.types.front() << " belongs somewhere";
        grouped.insert(group.types.begin(), group.types.end());
    }
    EXPECT_EQ(grouped.size(), ui::parts::event_types().size());
    for (const std::string_view type : ui::parts::event_types()) EXPECT_EQ(grouped.count(std::string(type)), 1u) << type;
}
