// What is told of a proof that kmp-audit found to hold: held against what was asked, and against what is shown.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "ui/log/proof_verdict.h"

using namespace ui::log;
using Json = nlohmann::ordered_json;
using ui::parts::Tone;

namespace {

const std::string kTime = "2026-11-23T13:20:01.345Z";
const std::string kLeaf(64, 'b');
const Json kEvent{{"index", 7}, {"time", kTime}, {"type", "order"}, {"meter", "000000000042"}, {"amount", 123456}};
const std::string kText = "order 1: recharge of 1234.56 yuan";

QByteArray answer(const Json& change = Json::object()) {
    Json out{{"holds", true}, {"kind", "event"}, {"origin", "kmp.example"}, {"index", 7}, {"leaf_hash", kLeaf}, {"event", kEvent}, {"text", kText}};
    out.update(change);
    return QByteArray::fromStdString(out.dump());
}

pb::AuditEvent receipt() {
    pb::AuditEvent out;
    out.set_index(7);
    out.set_leaf_hash(std::string(32, '\xbb'));
    return out;
}

pb::AuditEvent shown() {
    pb::AuditEvent out = receipt();
    out.set_time_ms(1'795'440'001'345);
    out.set_type("order");
    out.set_text(kText);
    out.set_json(kEvent.dump());
    return out;
}

}  // namespace

TEST(ProofVerdict, names_the_event_that_was_proved) {
    const auto said = verdict_of_proof(answer(), {});
    EXPECT_EQ(said.tone, Tone::good);
    EXPECT_TRUE(said.lines.front().startsWith("Event 7 ·")) << said.lines.front().toStdString();
    EXPECT_TRUE(said.lines.front().endsWith(QString::fromStdString(kText)));
    EXPECT_EQ(verdict_of_proof(answer(), receipt()).tone, Tone::good);
    EXPECT_EQ(verdict_of_proof(answer(), shown()).tone, Tone::good);
}

TEST(ProofVerdict, is_no_where_the_event_is_shown_otherwise) {
    const auto says = [](const pb::AuditEvent& forged) { return verdict_of_proof(answer(), forged).tone; };
    pb::AuditEvent forged = shown();
    forged.set_index(8);
    EXPECT_EQ(says(forged), Tone::bad);
    forged = shown();
    forged.set_type("order_voided");
    EXPECT_EQ(says(forged), Tone::bad);
    forged = shown();
    forged.set_time_ms(forged.time_ms() + 1);
    EXPECT_EQ(says(forged), Tone::bad);
    forged = shown();
    forged.set_text("order 1: recharge of 34.56 yuan");
    EXPECT_EQ(says(forged), Tone::bad);
    for (const Json& field : {Json{{"amount", 3456}}, Json{{"more", 1}}, Json{{"index", 8}}}) {
        Json json = kEvent;
        json.update(field);
        forged = shown();
        forged.set_json(json.dump());
        EXPECT_EQ(says(forged), Tone::bad) << json;
    }
    forged = shown();
    forged.set_json("no json");
    EXPECT_EQ(says(forged), Tone::bad);
    EXPECT_EQ(verdict_of_proof(answer({{"event", nullptr}}), shown()).tone, Tone::bad) << "the proof has not the event";
}

TEST(ProofVerdict, of_a_receipt_is_held_against_its_number_and_leaf_hash) {
    EXPECT_EQ(verdict_of_proof(answer({{"index", 8}}), receipt()).tone, Tone::bad);
    const auto other = verdict_of_proof(answer({{"leaf_hash", std::string(64, 'c')}}), receipt());
    EXPECT_EQ(other.tone, Tone::bad);
    EXPECT_TRUE(other.lines.join(u' ').contains("section 10"));
    EXPECT_TRUE(verdict_past_the_end(9, {}).lines.join(u' ').contains("section 10"));
}

TEST(ProofVerdict, of_growth_is_none_of_an_event) {
    EXPECT_TRUE(verdict_of_proof(answer({{"kind", "consistency"}}), {}).title.contains("a proof of growth"));
    EXPECT_EQ(verdict_of_proof("no json", {}).title, QStringLiteral("It could not be checked."));
    EXPECT_TRUE(cannot_be_checked("kmp/consistency-proof@v1\n", {}));
    EXPECT_FALSE(cannot_be_checked("something else", {})) << "kmp-audit says what is wrong with it";
}
