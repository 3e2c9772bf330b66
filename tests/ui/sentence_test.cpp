// What an event says in the language of the window, held against the log's own registry of types.
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "audit/event.h"
#include "model/account.h"
#include "model/grant.h"
#include "tests/ui/marked.h"
#include "ui/log/sentence.h"
#include "ui/log/values.h"
#include "ui/parts/words.h"
#include "ui/window/language.h"

using namespace ui::log;
using Json = nlohmann::ordered_json;

namespace {

constexpr base::Millis kNow = 1'795'000'000'000;

/// The window in this language; English again afterwards.
class Speaking {
public:
    explicit Speaking(const QString& code) { language_.set(code); }
    ~Speaking() { language_.set(QStringLiteral("en")); }

private:
    ui::window::Language language_{nullptr};
};

QString in_chinese(const SentenceTemplate& t) { return QCoreApplication::translate("sentence", t.text); }

std::multiset<QString> fields_in(const QString& form) {
    static const QRegularExpression field(QStringLiteral("\\{(\\w+)\\}"));
    std::multiset<QString> out;
    for (auto at = field.globalMatch(form); at.hasNext();) out.insert(at.next().captured(1));
    return out;
}

/// Fields by the part in brackets that they stand in; those outside of all under the first.
std::vector<std::multiset<QString>> parts_in(const QString& form) {
    static const QRegularExpression part(QStringLiteral("\\[[^\\[\\]]*\\]"));
    std::vector<std::multiset<QString>> out;
    for (auto at = part.globalMatch(form); at.hasNext();) out.push_back(fields_in(at.next().captured()));
    std::ranges::sort(out);
    QString rest = form;
    out.insert(out.begin(), fields_in(rest.remove(part)));
    EXPECT_FALSE(rest.contains(u'[') || rest.contains(u']')) << "a bracket alone: " << form.toStdString();
    return out;
}

pb::AuditEvent event(const std::string& type, const Json& fields) {
    pb::AuditEvent out;
    out.set_index(7);
    out.set_time_ms(kNow);
    out.set_type(type);
    out.set_text("as the service says it");
    Json json{{"index", 7}, {"time", base::to_rfc3339(kNow)}, {"type", type}};
    json.update(fields);
    out.set_json(json.dump());
    return out;
}

/// With every field that its type may have, as the service shows it.
pb::AuditEvent full(const audit::TypeInfo& type) {
    audit::Event made(type.type);
    for (const audit::FieldInfo& field : audit::all_fields()) {
        if (!type.allowed.has(field.field)) continue;
        switch (field.kind) {
            case audit::FieldKind::text: made.text(field.field, "text of " + std::string(field.name)); break;
            case audit::FieldKind::uuid: made.bytes(field.field, base::Uuid::parse("0192f0c1-a2b3-7c4d-8e5f-60718293a4b5")->raw()); break;
            case audit::FieldKind::digest: made.bytes(field.field, base::Bytes(32, 0xAB)); break;
            case audit::FieldKind::bytes: made.bytes(field.field, base::Bytes(field.field == audit::Field::r2 ? 4 : 8, 0xCD)); break;
            case audit::FieldKind::time: made.time(field.field, kNow - base::kDay); break;
            default: made.number(field.field, 1); break;
        }
    }
    const auto bytes = made.encode(7, kNow);
    if (!bytes) ADD_FAILURE() << type.name << ": " << bytes.error().message;
    const auto record = audit::Record::decode(*bytes);
    if (!record) ADD_FAILURE() << type.name << ": " << record.error().message;
    pb::AuditEvent out;
    out.set_time_ms(record->time());
    out.set_type(std::string(type.name));
    out.set_text(audit::to_text(*record));
    out.set_json(audit::to_json(*record));
    return out;
}

const Json kOrder{{"ukey", "US-1"}, {"station", "north"}, {"order_id", "0192f0c1"}, {"operation", "recharge"}, {"meter", "000000000042"}, {"amount", 123456}, {"count", 3}};

}  // namespace

TEST(Sentence, templates_are_the_registrys) {
    const auto known = sentence_templates();
    EXPECT_EQ(known.size(), audit::all_types().size());
    for (const audit::TypeInfo& type : audit::all_types()) {
        const auto at = std::ranges::find(known, type.name, &SentenceTemplate::type);
        ASSERT_NE(at, known.end()) << type.name << " has none";
        EXPECT_EQ(std::string_view(at->text), type.sentence) << type.name;
    }
}

TEST(Sentence, in_chinese_has_the_same_fields_and_leaves_out_the_same_parts) {
    const Speaking chinese(QStringLiteral("zh_CN"));
    for (const SentenceTemplate& t : sentence_templates()) {
        EXPECT_NE(in_chinese(t), QLatin1String(t.text)) << t.type << " is not translated";
        EXPECT_EQ(parts_in(in_chinese(t)), parts_in(QLatin1String(t.text))) << t.type << ": " << in_chinese(t).toStdString();
    }
}

TEST(Sentence, in_english_is_the_services_own) {
    const Speaking english(QStringLiteral("en"));
    for (const audit::TypeInfo& type : audit::all_types()) EXPECT_EQ(sentence_of(full(type)), ui::parts::text(full(type).text()));
}

TEST(Sentence, of_every_type_shows_all_that_its_template_names) {
    const Speaking chinese(QStringLiteral("zh_CN"));
    for (const SentenceTemplate& t : sentence_templates()) {
        const auto type = audit::parse_event_type(t.type);
        ASSERT_TRUE(type);
        const pb::AuditEvent shown = full(*audit::find_type(static_cast<std::uint16_t>(*type)));
        const QString said = sentence_of(shown);
        const Json fields = Json::parse(shown.json());
        EXPECT_NE(said, ui::parts::text(shown.text())) << t.type;
        EXPECT_FALSE(said.contains(u'{') || said.contains(u'[')) << said.toStdString();
        for (const QString& name : fields_in(QLatin1String(t.text))) {
            ASSERT_TRUE(fields.contains(name.toStdString())) << t.type << ": " << name.toStdString();
            EXPECT_TRUE(said.contains(value_words(name.toStdString(), fields[name.toStdString()]))) << t.type << ": " << name.toStdString() << " in: " << said.toStdString();
        }
        EXPECT_TRUE(said.contains(QStringLiteral("发生时间"))) << "recorded a day later: " << said.toStdString();
    }
}

TEST(Sentence, has_a_chinese_word_for_every_name) {
    const Speaking chinese(QStringLiteral("zh_CN"));
    const auto has = [](std::string_view field, std::string_view name) {
        if (name == "?" || name == "pin") return;
        const QString said = value_words(field, Json(name));
        EXPECT_TRUE(std::ranges::any_of(said, [](QChar c) { return c.unicode() >= 0x2E80; })) << field << ": " << name << " is shown as programs call it";
    };
    for (int i = 0; i < 32; ++i) {
        has("ukey_kind", model::name(static_cast<model::UkeyKind>(i)));
        has("state_to", model::name(static_cast<model::UkeyState>(i)));
        has("action", model::name(static_cast<model::UkeyAction>(i)));
        has("operation", model::name(static_cast<model::Operation>(i)));
        has("order_kind", model::name(static_cast<model::OrderKind>(i)));
        has("account_change", model::name(static_cast<model::AccountChange>(i)));
        has("key_state", model::name(static_cast<model::KeyState>(i)));
        has("outcome", audit::name(static_cast<audit::Outcome>(i)));
        has("channel", audit::name(static_cast<audit::Channel>(i)));
    }
    for (const char* proof : {"user", "password", "key"}) has("proven_by", proof);
    for (const int command : {0x1A, 0x1B, 0x1C, 0x2A, 0x2B, 0x3A, 0x3B}) EXPECT_NE(value_words("command", Json(command)), QString::number(command));
    EXPECT_EQ(value_words("command", Json(0x3A)), QStringLiteral("保电"));
    EXPECT_EQ(value_words("command", Json(0x77)), QStringLiteral("119"));
    EXPECT_EQ(value_words("classes", Json(0x12)), QStringLiteral("身份认证、充值"));
    EXPECT_EQ(value_words("classes", Json(0)), QStringLiteral("无"));
    EXPECT_EQ(value_words("genuine", Json(false)), QStringLiteral("否"));
    EXPECT_EQ(value_words("operation", Json("of tomorrow")), QStringLiteral("of tomorrow"));
}

TEST(Sentence, has_a_word_for_every_reason_that_the_service_ends_a_session_with) {
    // Where it ends one, in its own source.
    static const QRegularExpression ends(QStringLiteral("(?:_sessions?\\([^;\"]+, |\\bend\\(\\w+->number\\(\\), )\"(\\w+ [^\"]+)\"\\)"));
    std::set<QString> reasons;
    for (const char* folder : {"/kmp/service", "/kmp/service/jobs"}) {
        const QDir sources(QStringLiteral(KMP_SOURCE_DIR) + QLatin1String(folder));
        for (const QString& name : sources.entryList({"*.cpp"})) {
            QFile file(sources.filePath(name));
            ASSERT_TRUE(file.open(QIODevice::ReadOnly));
            for (auto at = ends.globalMatch(QString::fromUtf8(file.readAll())); at.hasNext();) reasons.insert(at.next().captured(1));
        }
    }
    EXPECT_EQ(reasons.size(), 10u) << "they are found";
    const Marked words("fields");
    const auto said = [](const std::string& reason) { return value_words("reason", Json(reason), "session_closed").toStdString(); };
    for (const QString& reason : reasons) EXPECT_EQ(said(reason.toStdString()), "<" + reason.toStdString() + ">");
    EXPECT_EQ(said("UKEY AU-1 is suspended"), "<UKEY AU-1 is suspended>");
    EXPECT_EQ(said("UKEY AU-1 has expired"), "<UKEY AU-1 has expired>");
    EXPECT_EQ(said("UKEY AU-1 was pulled out"), "<UKEY AU-1 was pulled out>");
    EXPECT_EQ(said("of tomorrow"), "of tomorrow");
    EXPECT_EQ(value_words("reason", Json("the account was disabled"), "sealed"), QStringLiteral("the account was disabled")) << "somebody typed it";
}

TEST(Sentence, leaves_out_what_is_not_there_and_shows_money_in_yuan_and_local_times) {
    const Speaking chinese(QStringLiteral("zh_CN"));
    EXPECT_EQ(sentence_of(event("order", kOrder)), QStringLiteral("订单 0192f0c1：充值 1,234.56 元，电表 000000000042，购电次数 3，售电网点 north，UKEY US-1"));
    Json more = kOrder;
    more["customer"] = "000000000007";
    more["channel"] = "card";
    EXPECT_EQ(sentence_of(event("order", more)), QStringLiteral("订单 0192f0c1：充值 1,234.56 元，电表 000000000042，客户编号 000000000007，购电次数 3，售电网点 north，UKEY US-1，渠道：购电卡"));
    EXPECT_EQ(sentence_of(event("ukey_renewed", {{"ukey", "US-1"}, {"not_after", base::to_rfc3339(kNow)}})), QStringLiteral("UKEY US-1 已续期至 ") + ui::parts::moment_to_seconds(kNow));
    EXPECT_EQ(sentence_of(event("service_stopped", {{"happened_at", base::to_rfc3339(kNow - 999)}})), QStringLiteral("服务停止")) << "as good as at once";
    EXPECT_EQ(sentence_of(event("service_stopped", {{"happened_at", base::to_rfc3339(kNow - 1000)}})), QStringLiteral("服务停止；发生时间 ") + ui::parts::moment_to_seconds(kNow - 1000));
}

TEST(Sentence, tells_a_grant_in_words) {
    const Speaking chinese(QStringLiteral("zh_CN"));
    model::Grant grant;
    grant.ukey = *base::UkeySerial::parse("U1");
    grant.number = 3;
    grant.home = *base::UkeySerial::parse("P1");
    grant.station = "north";
    grant.operations = model::bit(model::Operation::recharge);
    grant.classes = model::class_bit(model::KeyClass::credit);
    grant.per_order = model::Fen(100000);
    grant.not_before = kNow;
    grant.not_after = kNow + base::kDay;
    const QString said = sentence_of(event("grant_set", {{"ukey", "U1"}, {"grant_number", 3}, {"grant", base::to_hex(grant.encode())}}));
    EXPECT_TRUE(said.startsWith(QStringLiteral("UKEY U1 的授权 3 已设置：售电网点 north；可执行：充值"))) << said.toStdString();
    EXPECT_TRUE(said.contains(QStringLiteral("1,000.00 元"))) << said.toStdString();
    EXPECT_TRUE(sentence_of(event("grant_set", {{"ukey", "U1"}, {"grant_number", 3}, {"grant", "00ff"}})).endsWith(QStringLiteral("：00ff"))) << "one that cannot be read";
}

TEST(Sentence, is_the_services_own_where_this_window_knows_less) {
    const Speaking chinese(QStringLiteral("zh_CN"));
    const QString own = QStringLiteral("as the service says it");
    EXPECT_EQ(sentence_of(event("of_tomorrow", kOrder)), own);
    Json less = kOrder;
    less.erase("meter");
    EXPECT_EQ(sentence_of(event("order", less)), own) << "a field that the template needs is not there";
    pb::AuditEvent broken = event("order", kOrder);
    for (const char* json : {"", "no json", "[]", "{\"ukey\":\"\xff\"}"}) {
        broken.set_json(json);
        EXPECT_EQ(sentence_of(broken), own) << json;
    }
}

TEST(Sentence, takes_what_somebody_typed_for_no_template_and_stays_one_line) {
    const Speaking chinese(QStringLiteral("zh_CN"));
    EXPECT_EQ(sentence_of(event("sealed", {{"actor", "{reason}[{actor}]"}, {"reason", "]first\nsecond{actor}[%1"}})), QStringLiteral("平台已封存，操作者 {reason}[{actor}]，原因：]first second{actor}[%1"));
    EXPECT_EQ(sentence_of(event("sealed", {{"reason", Json::array({"a", 1})}})), QStringLiteral("平台已封存，原因：[\"a\",1]")) << "of another kind than it should be";
}
