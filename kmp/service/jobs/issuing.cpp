#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/jobs/terms.h"
#include "kmp/service/errand.h"
#include "kmp/service/tables.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr unsigned kSteps = 6;

/// The masters that a UKEY of this kind gets: a user UKEY those of its grant, a key UKEY every class in both states.
std::vector<tokens::MasterName> masters_for(const model::Grant& grant, model::KeyVersion newest) {
    std::vector<tokens::MasterName> out;
    for (const model::KeyClass c : model::kAllClasses) {
        if ((grant.classes & model::class_bit(c)) == 0) continue;
        if (grant.kind == model::UkeyKind::key) out.push_back({c, model::KeyState::factory, 0});
        for (unsigned v = 1; v <= newest; ++v) out.push_back({c, model::KeyState::production, static_cast<model::KeyVersion>(v)});
    }
    return out;
}

base::Status open_issue_intent(Job& job, Books& books, const base::UkeySerial& serial, const std::string& reader, model::UkeyKind kind, std::uint64_t& intent) {
    Event event(EventType::intent_opened);
    job.describe(event);
    event.text(Field::ukey, serial.text()).text(Field::reader, reader).value(Field::action, model::UkeyAction::issue).value(Field::ukey_kind, kind);
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.effect = [serial](store::Transaction& t, const audit::Receipt& r) { return tables::open_intent(t, {r.index, serial.text(), "issue"}); };
    KMP_TRY(const audit::Receipt receipt, books.writer->write(std::move(entry)));
    intent = receipt.index;
    return {};
}

/// The issue came to nothing: says so in the log. The token may hold keys that nobody will ever use.
void conclude_failed(Job& job, Books& books, std::uint64_t intent, const base::UkeySerial& serial, const base::Error& why) {
    Event event(EventType::intent_concluded);
    job.describe(event);
    const bool unknown = why.code == Code::outcome_unknown || why.code == Code::timeout || why.code == Code::token_removed;
    event.number(Field::intent, intent).value(Field::outcome, unknown ? audit::Outcome::unknown : audit::Outcome::undone);
    event.text(Field::ukey, serial.text()).text(Field::code, base::name(why.code)).text(Field::detail, why.message);
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.effect = [intent](store::Transaction& t, const audit::Receipt&) { return tables::conclude_intent(t, intent); };
    (void)books.writer->write(std::move(entry));
}

struct Plan {
    std::string reader;
    std::string holder;
    model::Grant grant;  ///< complete
    tokens::UkeyFile file;
    tokens::Slot slot;
};

base::Result<audit::Receipt> carry_out(Job& job, Books& books, MasterUkey& master, const Plan& plan, const base::Secret& pin, std::uint64_t intent,
                                       tokens::UkeyRecord& out) {
    const base::UkeySerial& serial = plan.grant.ukey;
    job.progress("the new UKEY makes its keys", 1, kSteps);
    KMP_TRY(base::Secret stretched, tokens::stretch(pin, plan.file.salt));
    auto platform_slot = job.service.on_io([&] { return job.service.bay().by_serial(books.house.platform); });
    if (!platform_slot) return platform_slot.error();
    tokens::Token platform(platform_slot->channel, "platform UKEY " + books.house.platform.text());
    KMP_TRY(const base::Secret peppered, platform.pepper(serial, std::move(stretched)));
    KMP_TRY(MadeUkey made, make_ukey(job, plan.slot, plan.grant.kind, serial, tokens::as_token_pin(peppered), plan.file));

    job.progress("its keys are certified", 2, kSteps);
    KMP_CHECK(certify(made, books.house.utility, plan.holder, plan.grant.not_before - base::kHour, plan.grant.not_after, books.house.anchor, master.token()));

    job.progress("the class masters travel to it, wrapped from token to token", 3, kSteps);
    made.record.masters = masters_for(plan.grant, books.key_version);
    KMP_TRY(const auto wrapped, master.token().wrap_masters(master.record().serial, master.record().sealed_so_pin, made.record.certificates.at("transport"), made.record.masters));
    KMP_CHECK(made.token->unwrap_masters(wrapped));

    job.progress("its grant is signed", 4, kSteps);
    tokens::SignedGrant signed_grant;
    signed_grant.grant = plan.grant;
    signed_grant.statement = plan.grant.encode();
    KMP_TRY(signed_grant.signature, master.token().sign_statement("grant", signed_grant.statement));
    KMP_TRY(made.record.sealed_so_pin, master.token().seal_so_pin(serial, made.so_pin));
    KMP_TRY(made.record.state, model::next_state(made.record.state, model::UkeyAction::issue));
    made.record.grant = signed_grant;

    job.progress("it is entered in the registry and the log", 5, kSteps);
    const tokens::UkeyRecord& r = made.record;
    Entry entry;
    const auto add = [&](Event event) { entry.events.push_back(std::move(event)); };
    Event issued(EventType::ukey_issued);
    job.describe(issued);
    issued.text(Field::ukey, serial.text()).value(Field::ukey_kind, r.kind).text(Field::holder, r.holder).text(Field::station, plan.grant.station);
    issued.text(Field::token_serial, r.token_serial).time(Field::not_after, r.not_after).number(Field::intent, intent);
    issued.bytes(Field::fingerprint, base::sha256(r.certificates.at("identity"))).bytes(Field::certificate, r.certificates.at("identity"));
    Event initialised(EventType::ukey_initialised);
    job.describe(initialised);
    initialised.text(Field::ukey, serial.text()).value(Field::ukey_kind, r.kind).text(Field::token_serial, r.token_serial).number(Field::intent, intent);
    Event injected(EventType::masters_injected);
    injected.text(Field::ukey, serial.text()).number(Field::classes, plan.grant.classes).number(Field::key_version, books.key_version).number(Field::intent, intent);
    injected.bytes(Field::fingerprint, base::sha256(r.certificates.at("transport")));
    Event granted(EventType::grant_set);
    job.describe(granted);
    granted.text(Field::ukey, serial.text()).number(Field::grant_number, plan.grant.number).bytes(Field::grant, signed_grant.statement);
    granted.bytes(Field::signature, signed_grant.signature).number(Field::intent, intent);
    Event concluded(EventType::intent_concluded);
    concluded.number(Field::intent, intent).value(Field::outcome, audit::Outcome::done).text(Field::ukey, serial.text());
    add(std::move(initialised));
    add(std::move(injected));
    add(std::move(issued));
    add(std::move(granted));
    add(std::move(concluded));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(tokens::registry::insert(t, r));
        KMP_CHECK(tokens::registry::set_issued(t, r));
        return tables::conclude_intent(t, intent);
    };
    KMP_TRY(const audit::Receipt receipt, books.writer->write(std::move(entry)));
    // It was opened to be made; the first session opens it again, with its PIN.
    (void)made.token->logout();
    out = std::move(made.record);
    return receipt;
}

}  // namespace

base::Result<wire::pb::UkeyIssueReply> issue_ukey(Job& job, const wire::pb::UkeyIssue& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const model::UkeyKind kind, model::parse_ukey_kind(request.kind()));
    if (kind != model::UkeyKind::user && kind != model::UkeyKind::key)
        return {Code::unsupported, "kind: key and user UKEYs are issued here; " + request.kind() + " UKEYs are not yet"};
    if (request.holder().empty() || request.holder().size() > 64) return {Code::invalid_argument, "holder: 1 to 64 bytes, the person who gets it"};
    Plan plan;
    plan.reader = request.reader();
    plan.holder = request.holder();
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    KMP_TRY(plan.grant, grant_of(request.terms(), now));
    plan.grant.ukey = tokens::make_serial(kind);
    plan.grant.number = 1;
    plan.grant.kind = kind;
    plan.grant.home = books->house.platform;
    if (kind == model::UkeyKind::user && plan.grant.station.empty()) return {Code::invalid_argument, "station: a user UKEY vends for a station; name it"};
    KMP_CHECK(plan.grant.validate());
    if (plan.grant.not_after > books->house.anchor.not_after()) return {Code::invalid_argument, "valid until: the master-control UKEY's certificate ends before that"};
    KMP_TRY(const base::Secret pin, job.take_pin("ukey"));
    KMP_CHECK(tokens::check_new_pin(pin));
    KMP_TRY(plan.slot, blank_in(job, plan.reader));
    plan.file = new_ukey_file(plan.slot, plan.grant.ukey, kind);
    plan.file.home_platform = books->house.platform;

    job.progress("the master-control UKEY is opened", 0, kSteps);
    KMP_TRY(const std::unique_ptr<MasterUkey> master, MasterUkey::open(job, *books));
    std::uint64_t intent = 0;
    KMP_CHECK(open_issue_intent(job, *books, plan.grant.ukey, plan.reader, kind, intent));
    tokens::UkeyRecord record;
    auto receipt = carry_out(job, *books, *master, plan, pin, intent, record);
    if (!receipt) {
        conclude_failed(job, *books, intent, plan.grant.ukey, receipt.error());
        return std::move(receipt).error();
    }
    wire::pb::UkeyIssueReply reply;
    *reply.mutable_ukey() = job.service.on_io([&] {
        return describe_ukey(job.service, *books, books->registry.put(std::move(record)));
    });
    fill(*reply.mutable_receipt(), *receipt);
    return reply;
}

}  // namespace kmp::service
