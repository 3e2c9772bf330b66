// Key versions: a new one for all classes, and the end of an old one.
#include "kmp/policy/tables.h"
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/intent.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr unsigned kLastVersion = 255;
constexpr unsigned kSteps = 2;
constexpr model::ClassSet kEveryClass = (1u << model::kAllClasses.size()) - 1;

using MetersByVersion = std::map<model::KeyVersion, std::uint64_t>;

/// Meters in private state by version, with everything that has been acknowledged so far.
base::Result<MetersByVersion> count_meters(Job& job, Books& books) {
    job.service.on_io([&] { job.service.flush_meters(); });
    KMP_CHECK(books.writer->write(Entry{}));  // behind the flush
    return policy::meters_by_version(*books.reports);
}

std::uint64_t of_version(const MetersByVersion& meters, model::KeyVersion version) {
    const auto at = meters.find(version);
    return at == meters.end() ? 0 : at->second;
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
            k.set_meters(of_version(meters, version));
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

base::Result<Intent> open_intent(Undertaking& u, std::string what) {
    Event event(EventType::intent_opened);
    event.text(Field::detail, what);
    return Intent::open(u.job, u.books, std::move(event), u.master.record().serial, std::move(what));
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
    KMP_TRY(const model::KeyVersion next, u.version("version"));
    if (next != u.books.key_version + 1u) return {Code::conflict, "version " + u.term("version") + " is not the next one any more; look at 'kmpctl keys list' and ask again"};
    const base::UkeySerial master = u.master.record().serial;
    KMP_TRY(const Intent intent, open_intent(u, "rotate to version " + u.term("version")));
    u.job.progress("the master-control UKEY draws the new masters", 0, kSteps);
    // Several keys: when it fails, some may be there.
    if (const base::Status made = u.master.token().make_masters(kEveryClass, next); !made) return intent.fail(made.error(), audit::Outcome::unknown);
    Event rotated(EventType::keys_rotated);
    u.job.describe(rotated);
    rotated.number(Field::classes, kEveryClass).number(Field::key_version, next).text(Field::reason, u.term("reason"));
    std::vector<tokens::MasterName> masters;
    for (const model::KeyClass c : model::kAllClasses) masters.push_back({c, model::KeyState::production, next});
    u.job.progress("they are entered in the registry and the log", 1, kSteps);
    KMP_TRY(const audit::Receipt receipt, intent.finish({std::move(rotated)}, [&](store::Transaction& t) -> base::Status {
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
    const std::uint64_t left = of_version(meters, static_cast<model::KeyVersion>(request.version()));
    if (left > 0 && !request.accept_loss())
        return {Code::refused, "version: " + std::to_string(left) + " meters hold version " + std::to_string(request.version()) + "; give them the newest keys first, or accept their loss with --accept-loss"};
    return Plan{model::Deed::destroy_version, {{"version", std::to_string(request.version())}, {"reason", request.reason()}, {"meters_lost", std::to_string(left)}}};
}

base::Result<wire::pb::AdminReply> destroy_version(Undertaking& u) {
    KMP_TRY(const model::KeyVersion version, u.version("version"));
    KMP_TRY(const std::uint64_t agreed, u.number("meters_lost"));
    KMP_TRY(const auto meters, count_meters(u.job, u.books));
    const std::uint64_t left = of_version(meters, version);
    if (left > agreed)
        return {Code::conflict, "by now " + std::to_string(left) + " meters hold version " + u.term("version") + ", more than it was agreed to lose; ask again"};
    const base::UkeySerial master = u.master.record().serial;
    const std::vector<tokens::MasterName> masters = masters_of(u.master.record(), version);
    if (masters.empty()) return {Code::refused, "version " + u.term("version") + " was destroyed already"};
    KMP_TRY(const Intent intent, open_intent(u, "destroy version " + u.term("version")));
    u.job.progress("the master-control UKEY destroys the old masters", 0, kSteps);
    if (const base::Status gone = u.master.token().destroy_masters(masters); !gone) return intent.fail(gone.error(), audit::Outcome::unknown);
    Event event(EventType::keys_destroyed);
    u.job.describe(event);
    event.number(Field::classes, kEveryClass).number(Field::key_version, version).number(Field::count, left).text(Field::reason, u.term("reason"));
    u.job.progress("it is entered in the registry and the log", 1, kSteps);
    KMP_TRY(const audit::Receipt receipt, intent.finish({std::move(event)}, [&](store::Transaction& t) -> base::Status {
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
