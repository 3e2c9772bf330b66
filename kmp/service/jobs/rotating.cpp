// Key versions: a new set, of new masters for some classes or all, and the end of an old one.
#include <algorithm>
#include <iterator>

#include "base/words.h"
#include "kmp/policy/tables.h"
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/held_ukey.h"
#include "kmp/service/jobs/intent.h"
#include "kmp/service/jobs/meter_rows.h"
#include "kmp/service/keys_held.h"
#include "kmp/service/tables.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using suite::kEveryClass;
using suite::KeySets;
using tokens::MasterName;

constexpr unsigned kSteps = 2;

using MetersByVersion = std::map<model::KeyVersion, std::uint64_t>;

/// Meters in private state by version, with everything that has been acknowledged so far.
base::Result<MetersByVersion> count_meters(Job& job, Books& books) {
    KMP_CHECK(write_meter_rows(job, books));
    return policy::meters_by_version(*books.reports);
}

std::uint64_t of_version(const MetersByVersion& meters, model::KeyVersion version) {
    const auto at = meters.find(version);
    return at == meters.end() ? 0 : at->second;
}

/// The private masters that are in the master-control UKEYs in service. Thread: the I/O thread.
std::vector<MasterName> in_vault(const Books& books) {
    std::vector<MasterName> out;
    for (const tokens::UkeyRecord* r : books.registry.all())
        if (r->kind == model::UkeyKind::master_control && model::in_service(r->state)) std::copy_if(r->masters.begin(), r->masters.end(), std::back_inserter(out), [](const MasterName& m) { return m.state == model::KeyState::production; });
    return out;
}

model::ClassSet classes_of(const std::vector<MasterName>& masters) {
    model::ClassSet out = 0;
    for (const MasterName& m : masters) out = static_cast<model::ClassSet>(out | model::class_bit(m.key_class));
    return out;
}

std::string class_names(model::ClassSet classes) {
    std::string out;
    for (const model::KeyClass c : model::kAllClasses)
        if (classes & model::class_bit(c)) out += (out.empty() ? "" : ", ") + std::string(model::name(c));
    return out;
}

/// The inverse of class_names. malformed.
base::Result<model::ClassSet> classes_from(const std::string& names) {
    for (unsigned set = 1; set <= kEveryClass; ++set)
        if (class_names(static_cast<model::ClassSet>(set)) == names) return static_cast<model::ClassSet>(set);
    return {Code::malformed, "the term 'classes' of this request names no classes of keys; ask again"};
}

void describe_set(wire::pb::KeyVersion& k, const Books& books, const std::vector<MasterName>& vault, model::KeyVersion set) {
    const KeySets& sets = books.key_sets;
    const auto gone = lacking(vault, sets, set, kEveryClass);
    k.set_version(set);
    k.set_newest(set == sets.newest());
    k.set_destroyed(!gone.empty());
    for (const model::KeyClass c : model::kAllClasses) {
        auto& master = *k.add_masters();
        const MasterName name{c, model::KeyState::production, sets.master_of(c, set)};
        master.set_key_class(std::string(model::name(c)));
        master.set_version(name.version);
        master.set_destroyed(std::find(gone.begin(), gone.end(), name) != gone.end());
    }
    std::uint32_t ready = 0, not_ready = 0;
    for (const tokens::UkeyRecord* r : books.registry.all()) {
        if (!r->grant || (r->state != model::UkeyState::issued && r->state != model::UkeyState::suspended)) continue;
        if (r->grant->grant.classes == 0) continue;  // it serves no meter
        ++(lacking(r->masters, sets, set, r->grant->grant.classes).empty() ? ready : not_ready);
    }
    k.set_ukeys(ready);
    k.set_ukeys_lacking(not_ready);
}

base::Result<wire::pb::KeysListReply> describe(Job& job, Books& books) {
    KMP_TRY(const auto meters, count_meters(job, books));
    return job.service.on_io([&] {
        wire::pb::KeysListReply out;
        const auto vault = in_vault(books);
        for (unsigned v = 1; v <= books.key_sets.newest(); ++v) {
            auto& k = *out.add_versions();
            describe_set(k, books, vault, static_cast<model::KeyVersion>(v));
            k.set_meters(of_version(meters, static_cast<model::KeyVersion>(v)));
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

using OpenVaults = std::vector<std::pair<base::UkeySerial, std::unique_ptr<HeldUkey>>>;

/// The other master-control UKEYs that hold any of these masters, open. token_removed: one is not plugged in.
base::Result<OpenVaults> other_vaults(Undertaking& u, const std::vector<MasterName>& masters) {
    const auto records = u.job.service.on_io([&] {
        std::vector<tokens::UkeyRecord> out;
        for (const tokens::UkeyRecord* r : u.books.registry.all()) {
            const bool holds = std::any_of(r->masters.begin(), r->masters.end(), [&](const MasterName& m) { return std::find(masters.begin(), masters.end(), m) != masters.end(); });
            if (r->kind == model::UkeyKind::master_control && model::in_service(r->state) && holds && r->serial != u.master.record().serial) out.push_back(*r);
        }
        return out;
    });
    OpenVaults out;
    for (const tokens::UkeyRecord& r : records) {
        KMP_TRY(auto held, HeldUkey::open(u.job, u.books, r, &u.master));
        out.emplace_back(r.serial, std::move(held));
    }
    return out;
}

}  // namespace

base::Result<wire::pb::KeysListReply> list_keys(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    return describe(job, *books);
}

base::Result<Plan> plan_rotation(Job&, Books& books, const wire::pb::KeysRotate& request) {
    KMP_CHECK(check_reason(request.reason()));
    if (books.key_sets.newest() >= KeySets::kLastVersion) return {Code::refused, "version: there have been 255 of them; meters know no more"};
    model::ClassSet classes = 0;
    for (const std::string& name : request.classes()) {
        KMP_TRY(const model::KeyClass c, model::parse_key_class(name));
        classes = static_cast<model::ClassSet>(classes | model::class_bit(c));
    }
    if (classes == 0) classes = kEveryClass;
    return Plan{model::Deed::rotate, {{"version", std::to_string(books.key_sets.newest() + 1u)}, {"classes", class_names(classes)}, {"reason", request.reason()}}};
}

base::Result<wire::pb::AdminReply> rotate_keys(Undertaking& u) {
    KMP_TRY(const model::KeyVersion next, u.version("version"));
    KMP_TRY(const model::ClassSet classes, classes_from(u.term("classes")));
    if (next != u.books.key_sets.newest() + 1u) return {Code::conflict, "version " + u.term("version") + " is not the next one any more; look at 'kmpctl keys list' and ask again"};
    const base::UkeySerial master = u.master.record().serial;
    KMP_TRY(const Intent intent, open_intent(u, "rotate to version " + u.term("version")));
    u.job.progress("the master-control UKEY draws the new masters", 0, kSteps);
    // Several keys: when it fails, some may be there.
    if (const base::Status made = u.master.token().make_masters(classes, next); !made) return intent.fail(made.error(), audit::Outcome::unknown);
    Event rotated(EventType::keys_rotated);
    u.job.describe(rotated);
    u.word.name(rotated);
    rotated.number(Field::classes, classes).number(Field::key_version, next).text(Field::reason, u.term("reason"));
    std::vector<MasterName> masters;
    for (const model::KeyClass c : model::kAllClasses)
        if (classes & model::class_bit(c)) masters.push_back({c, model::KeyState::production, next});
    u.job.progress("they are entered in the registry and the log", 1, kSteps);
    KMP_TRY(const audit::Receipt receipt, intent.finish({std::move(rotated)}, [&](store::Transaction& t) -> base::Status {
                for (const MasterName& m : masters) KMP_CHECK(tokens::registry::add_master(t, master, m));
                return tables::add_key_set(t, next, classes);
            }));
    u.job.service.on_io([&] {
        if (tokens::UkeyRecord* r = u.books.registry.find(master)) r->masters.insert(r->masters.end(), masters.begin(), masters.end());
        (void)u.books.key_sets.add(classes);  // checked above: it is the next one, of classes that there are
    });
    return keys_reply(u.job, u.books, receipt);
}

/// The masters that go when this version is destroyed. refused: none, for others use all of them, or they are gone.
base::Result<std::vector<MasterName>> to_destroy(Job& job, Books& books, model::KeyVersion version) {
    return job.service.on_io([&]() -> base::Result<std::vector<MasterName>> {
        const auto vault = in_vault(books);
        const std::string named = std::to_string(static_cast<unsigned>(version));
        if (!lacking(vault, books.key_sets, version, kEveryClass).empty()) return {Code::refused, "version: " + named + " was destroyed already"};
        auto own = own_masters(books.key_sets, vault, version);
        if (own.empty()) return {Code::refused, "version: older and newer ones still use every master of version " + named + "; destroy the older ones first"};
        return own;
    });
}

base::Result<Plan> plan_destruction(Job& job, Books& books, const wire::pb::KeysDestroy& request) {
    KMP_CHECK(check_reason(request.reason()));
    if (!books.key_sets.has(request.version())) return {Code::not_found, "version: there is no version " + std::to_string(request.version()) + "; see 'kmpctl keys list'"};
    if (request.version() == books.key_sets.newest()) return {Code::refused, "version: " + std::to_string(request.version()) + " is the newest, and handed out now; rotate first"};
    const auto version = static_cast<model::KeyVersion>(request.version());
    KMP_TRY(const auto meters, count_meters(job, books));
    const std::uint64_t left = of_version(meters, version);
    if (left > 0 && !request.accept_loss())
        return {Code::refused, "version: " + base::counted(left, "meter holds", "meters hold") + " version " + std::to_string(request.version()) + "; give them the newest keys first, or accept their loss with --accept-loss"};
    KMP_TRY(const auto masters, to_destroy(job, books, version));
    return Plan{model::Deed::destroy_version,
                {{"version", std::to_string(request.version())}, {"masters", in_words(masters)}, {"reason", request.reason()}, {"meters_lost", std::to_string(left)}}};
}

base::Result<wire::pb::AdminReply> destroy_version(Undertaking& u) {
    KMP_TRY(const model::KeyVersion version, u.version("version"));
    if (!u.books.key_sets.has(version) || version == u.books.key_sets.newest()) return {Code::malformed, "the term 'version' of this request names none that can be destroyed"};
    KMP_TRY(const std::uint64_t agreed, u.number("meters_lost"));
    KMP_TRY(const auto meters, count_meters(u.job, u.books));
    const std::uint64_t left = of_version(meters, version);
    if (left > agreed)
        return {Code::conflict, "by now " + base::counted(left, "meter holds", "meters hold") + " version " + u.term("version") + ", more than it was agreed to lose; ask again"};
    KMP_TRY(const std::vector<MasterName> masters, to_destroy(u.job, u.books, version));
    if (in_words(masters) != u.term("masters")) return {Code::conflict, "by now other masters would go with version " + u.term("version") + ": " + in_words(masters) + "; ask again"};
    const base::UkeySerial master = u.master.record().serial;
    const auto& held = u.master.record().masters;
    if (std::any_of(masters.begin(), masters.end(), [&](const MasterName& m) { return std::find(held.begin(), held.end(), m) == held.end(); }))
        return {Code::refused, "master-control UKEY " + master.text() + " does not hold all of " + in_words(masters) + "; plug in the one that does"};
    // Gone is gone: every vault that holds them is at hand before the first one is touched.
    KMP_TRY(const auto others, other_vaults(u, masters));
    KMP_TRY(const Intent intent, open_intent(u, "destroy version " + u.term("version")));
    u.job.progress("the master-control UKEY destroys the old masters", 0, kSteps);
    std::vector<base::UkeySerial> vaults{master};
    if (const base::Status gone = u.master.token().destroy_masters(masters); !gone) return intent.fail(gone.error(), audit::Outcome::unknown);
    for (const auto& [serial, held_there] : others) {
        if (const base::Status gone = held_there->token().destroy_masters(masters); !gone) return intent.fail(gone.error(), audit::Outcome::unknown);
        vaults.push_back(serial);
    }
    Event event(EventType::keys_destroyed);
    u.job.describe(event);
    u.word.name(event);
    event.number(Field::classes, classes_of(masters)).number(Field::key_version, version).number(Field::count, left).text(Field::reason, u.term("reason"));
    event.text(Field::detail, in_words(masters));
    u.job.progress("it is entered in the registry and the log", 1, kSteps);
    KMP_TRY(const audit::Receipt receipt, intent.finish({std::move(event)}, [&](store::Transaction& t) -> base::Status {
                for (const base::UkeySerial& vault : vaults)
                    for (const MasterName& m : masters) KMP_CHECK(tokens::registry::remove_master(t, vault, m));
                return {};
            }));
    u.job.service.on_io([&] {
        for (const base::UkeySerial& vault : vaults)
            if (tokens::UkeyRecord* r = u.books.registry.find(vault))
                std::erase_if(r->masters, [&](const MasterName& m) { return std::find(masters.begin(), masters.end(), m) != masters.end(); });
    });
    return keys_reply(u.job, u.books, receipt);
}

}  // namespace kmp::service
