// Key versions: a new one for all classes, and the end of an old one.
#include "kmp/policy/tables.h"
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/tables.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr unsigned kLastVersion = 255;
constexpr model::ClassSet kEveryClass = (1u << model::kAllClasses.size()) - 1;

/// Meters in private state by version, with everything that has been acknowledged so far.
base::Result<std::map<model::KeyVersion, std::uint64_t>> count_meters(Job& job, Books& books) {
    job.service.on_io([&] { job.service.flush_meters(); });
    KMP_CHECK(books.writer->write(Entry{}));  // behind the flush
    return policy::meters_by_version(*books.reports);
}

std::vector<tokens::MasterName> masters_of(const tokens::UkeyRecord& record, model::KeyVersion version) {
    std::vector<tokens::MasterName> out;
    for (const tokens::MasterName& m : record.masters)
        if (m.state == model::KeyState::production && m.version == version) out.push_back(m);
    return out;
}

base::Result<wire::pb::KeysListReply> describe(Job& job, Books& books) {
    KMP_TRY(const auto meters, count_meters(job, books));
    return job.service.on_io([&] {
        wire::pb::KeysListReply out;
        for (unsigned v = 1; v <= books.key_version; ++v) {
            const auto version = static_cast<model::KeyVersion>(v);
            auto& k = *out.add_versions();
            k.set_version(v);
            k.set_newest(version == books.key_version);
            const auto at = meters.find(version);
            k.set_meters(at == meters.end() ? 0 : at->second);
            bool in_vault = false;
            std::uint32_t ukeys = 0;
            for (const tokens::UkeyRecord* r : books.registry.all()) {
                if (masters_of(*r, version).empty()) continue;
                if (r->kind == model::UkeyKind::master_control) in_vault = true;
                else if (r->state == model::UkeyState::issued || r->state == model::UkeyState::suspended) ++ukeys;
            }
            k.set_ukeys(ukeys);
            k.set_destroyed(!in_vault);
        }
        return out;
    });
}

base::Result<std::uint64_t> open_intent(Job& job, Books& books, const std::string& what, const base::UkeySerial& master) {
    Event event(EventType::intent_opened);
    job.describe(event);
    event.text(Field::ukey, master.text()).text(Field::detail, what);
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.effect = [&](store::Transaction& t, const audit::Receipt& r) { return tables::open_intent(t, {r.index, master.text(), what}); };
    KMP_TRY(const audit::Receipt receipt, books.writer->write(std::move(entry)));
    return receipt.index;
}

/// Ends an intent: with the event and the rows of its success, or with what went wrong.
base::Result<audit::Receipt> conclude(Books& books, std::uint64_t intent, const base::Status& done, Event success, const std::function<base::Status(store::Transaction&)>& effect) {
    Entry entry;
    if (done) entry.events.push_back(std::move(success));
    Event concluded(EventType::intent_concluded);
    concluded.number(Field::intent, intent).value(Field::outcome, done ? audit::Outcome::done : audit::Outcome::unknown);
    if (!done) concluded.text(Field::code, base::name(done.error().code)).text(Field::detail, done.error().message);
    entry.events.push_back(std::move(concluded));
    entry.effect = [&, ok = static_cast<bool>(done)](store::Transaction& t, const audit::Receipt&) -> base::Status {
        if (ok) KMP_CHECK(effect(t));
        return tables::conclude_intent(t, intent);
    };
    KMP_TRY(const audit::Receipt receipt, books.writer->write(std::move(entry)));
    KMP_CHECK(done);
    return receipt;
}

base::Result<wire::pb::AdminReply> keys_reply(Job& job, Books& books, const audit::Receipt& receipt) {
    wire::pb::AdminReply reply;
    KMP_TRY(*reply.mutable_keys_list(), describe(job, books));
    fill(*reply.mutable_keys_list()->mutable_receipt(), receipt);
    return reply;
}

}  // namespace

base::Result<wire::pb::KeysListReply> list_keys(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    return describe(job, *books);
}

base::Result<Plan> plan_rotation(Job&, Books& books, const wire::pb::KeysRotate& request) {
    KMP_CHECK(check_line(request.reason(), "reason", 500));
    if (books.key_version >= kLastVersion) return {Code::refused, "version: there have been 255 of them; meters know no more"};
    return Plan{model::Deed::rotate, {{"version", std::to_string(books.key_version + 1u)}, {"reason", request.reason()}}};
}

base::Result<wire::pb::AdminReply> rotate_keys(Undertaking& u) {
    const unsigned version = static_cast<unsigned>(std::atoi(u.term("version").c_str()));
    if (version != u.books.key_version + 1u) return {Code::conflict, "version " + u.term("version") + " is not the next one any more; look at 'kmpctl keys list' and ask again"};
    const auto next = static_cast<model::KeyVersion>(version);
    const base::UkeySerial master = u.master.record().serial;
    KMP_TRY(const std::uint64_t intent, open_intent(u.job, u.books, "rotate to version " + u.term("version"), master));
    const base::Status made = u.master.token().make_masters(kEveryClass, next);
    Event rotated(EventType::keys_rotated);
    u.job.describe(rotated);
    rotated.number(Field::classes, kEveryClass).number(Field::key_version, next).text(Field::reason, u.term("reason"));
    std::vector<tokens::MasterName> masters;
    for (const model::KeyClass c : model::kAllClasses) masters.push_back({c, model::KeyState::production, next});
    KMP_TRY(const audit::Receipt receipt, conclude(u.books, intent, made, std::move(rotated), [&](store::Transaction& t) -> base::Status {
                for (const tokens::MasterName& m : masters) KMP_CHECK(tokens::registry::add_master(t, master, m));
                return {};
            }));
    u.job.service.on_io([&] {
        if (tokens::UkeyRecord* r = u.books.registry.find(master)) r->masters.insert(r->masters.end(), masters.begin(), masters.end());
        u.books.key_version = next;
    });
    return keys_reply(u.job, u.books, receipt);
}

base::Result<Plan> plan_destruction(Job& job, Books& books, const wire::pb::KeysDestroy& request) {
    KMP_CHECK(check_line(request.reason(), "reason", 500));
    if (request.version() == 0 || request.version() > books.key_version) return {Code::not_found, "version: there is no version " + std::to_string(request.version()) + "; see 'kmpctl keys list'"};
    if (request.version() == books.key_version) return {Code::refused, "version: " + std::to_string(request.version()) + " is the newest, and handed out now; rotate first"};
    KMP_TRY(const auto meters, count_meters(job, books));
    const auto at = meters.find(static_cast<model::KeyVersion>(request.version()));
    const std::uint64_t left = at == meters.end() ? 0 : at->second;
    if (left > 0 && !request.accept_loss())
        return {Code::refused, "version: " + std::to_string(left) + " meters hold version " + std::to_string(request.version()) + "; give them the newest keys first, or accept their loss with --accept-loss"};
    return Plan{model::Deed::destroy_version, {{"version", std::to_string(request.version())}, {"reason", request.reason()}, {"meters_lost", std::to_string(left)}}};
}

base::Result<wire::pb::AdminReply> destroy_version(Undertaking& u) {
    const auto version = static_cast<model::KeyVersion>(std::atoi(u.term("version").c_str()));
    KMP_TRY(const auto meters, count_meters(u.job, u.books));
    const auto at = meters.find(version);
    const std::uint64_t left = at == meters.end() ? 0 : at->second;
    if (left > static_cast<std::uint64_t>(std::atoll(u.term("meters_lost").c_str())))
        return {Code::conflict, "by now " + std::to_string(left) + " meters hold version " + u.term("version") + ", more than it was agreed to lose; ask again"};
    const base::UkeySerial master = u.master.record().serial;
    const std::vector<tokens::MasterName> masters = masters_of(u.master.record(), version);
    if (masters.empty()) return {Code::refused, "version " + u.term("version") + " was destroyed already"};
    KMP_TRY(const std::uint64_t intent, open_intent(u.job, u.books, "destroy version " + u.term("version"), master));
    const base::Status destroyed = u.master.token().destroy_masters(masters);
    Event event(EventType::keys_destroyed);
    u.job.describe(event);
    event.number(Field::classes, kEveryClass).number(Field::key_version, version).number(Field::count, left).text(Field::reason, u.term("reason"));
    KMP_TRY(const audit::Receipt receipt, conclude(u.books, intent, destroyed, std::move(event), [&](store::Transaction& t) -> base::Status {
                for (const tokens::MasterName& m : masters) KMP_CHECK(tokens::registry::remove_master(t, master, m));
                return {};
            }));
    u.job.service.on_io([&] {
        if (tokens::UkeyRecord* r = u.books.registry.find(master))
            std::erase_if(r->masters, [&](const tokens::MasterName& m) { return m.state == model::KeyState::production && m.version == version; });
    });
    return keys_reply(u.job, u.books, receipt);
}

}  // namespace kmp::service
