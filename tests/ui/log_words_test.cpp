// The words of the page Log: the fields of an event, and searches.
#include <gtest/gtest.h>

#include <set>

#include "audit/types.h"
#include "ui/log/fields.h"
#include "ui/log/search_words.h"
#include "ui/parts/words.h"

using namespace ui::log;

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

TEST(Fields, of_a_checkpoint_tell_its_text_from_a_note) {
    EXPECT_EQ(fields_of(R"({"type":"checkpoint_signed","note":"kmp.example"})").front().label, QStringLiteral("Checkpoint's text"));
    EXPECT_EQ(fields_of(R"({"type":"configuration","note":"kmp.example"})").front().label, QStringLiteral("Note"));
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
