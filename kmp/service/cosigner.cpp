#include "kmp/service/cosigner.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "audit/cosignature.h"
#include "audit/witness.h"
#include "base/words.h"
#include "kmp/service/toml_folder.h"
#include "kmp/service/warning.h"
#include "kmp/service/witness_tables.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr unsigned kUnavailable = 503;

constexpr std::string_view kKeys[] = {"key", "forget"};

base::Result<KnownLog> parse_log(const std::string& name, const toml::table& table) {
    KnownLog out;
    out.name = name;
    KMP_TRY(out.key, audit::parse_verifier_key(table["key"].value_exact<std::string>().value_or("")));
    if (out.key.type == audit::SignatureType::cosignature) return {Code::malformed, "its key is a witness's and not a log's, as 'kmpctl audit checkpoint --key' prints it there"};
    const auto forget = table["forget"].value_exact<std::int64_t>();
    if (table.contains("forget") && (!forget || *forget < 1)) return {Code::malformed, "forget takes the number of records that a restore of that log has lost"};
    out.forget = static_cast<std::uint64_t>(forget.value_or(0));
    return out;
}

WitnessReply refusal(unsigned status, const std::string& why) { return {status, "text/plain; charset=utf-8", why + "\n"}; }

}  // namespace

struct Cosigner::Asked {
    audit::AddCheckpoint request;
    audit::Checkpoint point;
    KnownLog log;
    bool news = false;          ///< more than what is held already
    std::string forgotten;      ///< what the event says of it
    std::uint64_t forgot = 0;   ///< tables::WitnessedLog::forgot from here on
    std::shared_ptr<Books> books;
    audit::VerifierKey own;
    std::uint64_t time = 0;
    std::function<void(WitnessReply)> done;
};

std::vector<KnownLog> read_witnessed(const std::string& folder, std::vector<std::string>& problems) {
    std::vector<KnownLog> out;
    read_toml_folder(folder, "no log is witnessed as it says in", kKeys, problems, [&](const std::string& name, const toml::table& content) -> base::Status {
        KMP_TRY(KnownLog log, parse_log(name, content));
        out.push_back(std::move(log));
        return {};
    });
    return out;
}

bool Cosigner::too_many(const std::string& origin) {
    const auto now = std::chrono::steady_clock::now();
    auto& taken = taken_[origin];
    while (!taken.empty() && now - taken.front() > std::chrono::minutes(1)) taken.pop_front();
    if (taken.size() >= kMostAMinute) return true;
    taken.push_back(now);
    return false;
}

/// Everything that can be said without a signature of ours; status 200: nothing stands in the way.
WitnessReply Cosigner::refused_before(Asked& asked) {
    const std::shared_ptr<Books>& books = asked.books;
    const auto over = audit::read_checkpoint(asked.request.note);
    if (!over) return refusal(400, over.error().message);
    std::vector<std::string> problems;
    const std::vector<KnownLog> logs = read_witnessed(service_.config().witnessed(), problems);
    const auto log = std::ranges::find(logs, over->origin, [](const KnownLog& l) { return l.key.name; });
    if (log == logs.end() || over->origin == books->house.origin) return refusal(404, "the log " + over->origin + " is not witnessed here");
    asked.log = *log;
    auto row = tables::witnessed(*books->reads, over->origin);
    if (!row) return refusal(kUnavailable, row.error().message);
    std::optional<audit::Witnessed> held;
    // What stands in the file is good for what was held when it was written, not for whatever comes to that size again.
    const bool spent = *row && (*row)->forgot == log->forget;
    if (*row && (spent || (*row)->held.size != log->forget)) held = (*row)->held;
    else if (*row) asked.forgotten = "what was held before, over " + base::counted(log->forget, "record") + ", is forgotten, as " + log->name + ".toml says";
    const audit::WitnessAnswer answer = audit::judge(asked.request, log->key, held, asked.point);
    asked.forgot = spent || !asked.forgotten.empty() ? log->forget : 0;
    if (answer.status == 409) return {409, "text/x.tlog.size", answer.why};
    if (answer.status != 200) {
        if (answer.status == 422) service_.lines().say("contradictions of witnessed logs", "the witnessed log " + log->name + ", " + over->origin + ": " + answer.why + "; ask who runs it");
        return refusal(answer.status, answer.why);
    }
    asked.news = !held || held->size != asked.point.size || (*row)->forgot != asked.forgot;
    if (asked.news && too_many(over->origin)) return refusal(429, "at most " + std::to_string(kMostAMinute) + " checkpoints a minute");
    return {};
}

void Cosigner::add_checkpoint(const std::string& body, std::function<void(WitnessReply)> done) {
    const auto asked = std::make_shared<Asked>();
    asked->books = service_.books();
    if (!asked->books) return done(refusal(kUnavailable, "the witness is sealed"));
    if (!service_.failing().empty()) return done(refusal(kUnavailable, "the witness cannot write its log"));
    if (busy_) return done(refusal(kUnavailable, "the witness is busy; ask again"));
    auto request = audit::AddCheckpoint::parse(body);
    if (!request) return done(refusal(400, request.error().message));
    asked->request = std::move(*request);
    if (WitnessReply refused = refused_before(*asked); refused.status != 200) return done(std::move(refused));
    busy_ = true;
    asked->done = [this, done = std::move(done)](WitnessReply reply) {
        busy_ = false;
        done(std::move(reply));
    };
    sign(asked);
}

void Cosigner::sign(const std::shared_ptr<Asked>& asked) {
    const House& house = asked->books->house;
    asked->own = {house.origin, house.checkpoint.spki(), audit::SignatureType::cosignature};
    auto slot = service_.bay().by_serial(house.platform);
    if (!slot) return asked->done(refusal(kUnavailable, slot.error().message));
    asked->time = static_cast<std::uint64_t>(service_.clock().now() / base::kSecond);
    tokens::pb::HostRequest request;
    request.mutable_sign_checkpoint()->set_body(audit::cosigned_bytes(asked->time, asked->point.body()));
    slot->channel->call(std::move(request), {}, service_.config().token_timeout, [this, asked](base::Result<tokens::HostAnswer> answer) {
        if (!answer) return asked->done(refusal(kUnavailable, answer.error().message));
        const auto line = audit::cosignature_line(asked->own, asked->time, asked->point.body(), base::as_bytes(answer->reply.signature().raw()));
        if (!line) return asked->done(refusal(kUnavailable, line.error().message));
        const auto note = audit::with_cosignatures(asked->request.note, *line, asked->own);
        if (!note) return asked->done(refusal(400, note.error().message));
        if (!asked->news) return asked->done({200, "text/plain; charset=utf-8", *line});
        commit(asked, *note, *line);
    });
}

void Cosigner::commit(const std::shared_ptr<Asked>& asked, const std::string& note, const std::string& line) {
    Event event(EventType::checkpoint_witnessed);
    event.text(Field::origin, asked->point.origin).number(Field::size, asked->point.size).bytes(Field::root, asked->point.root).text(Field::detail, asked->forgotten);
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.effect = [row = tables::WitnessedLog{asked->point.origin, {asked->point.size, asked->point.root}, note, static_cast<base::Millis>(asked->time) * base::kSecond, asked->forgot}](
                       store::Transaction& t, const audit::Receipt&) { return tables::put_witnessed(t, row); };
    entry.done = [this, asked, line](base::Result<audit::Receipt> receipt) {
        if (!receipt) {
            service_.audit_failed(receipt.error());
            return asked->done(refusal(kUnavailable, receipt.error().message));
        }
        asked->done({200, "text/plain; charset=utf-8", line});
    };
    asked->books->writer->submit(std::move(entry));
}

WitnessReply Cosigner::newest(const std::string& hash) {
    const std::shared_ptr<Books> books = service_.books();
    if (!books) return refusal(kUnavailable, "the witness is sealed");
    std::vector<std::string> problems;
    for (const KnownLog& log : read_witnessed(service_.config().witnessed(), problems)) {
        if (audit::origin_hash(log.key.name) != hash) continue;
        const auto row = tables::witnessed(*books->reads, log.key.name);
        if (!row) return refusal(kUnavailable, row.error().message);
        if (*row) return {200, "text/plain; charset=utf-8", (*row)->note};
    }
    return refusal(404, "no checkpoint of such a log was cosigned here");
}

void Cosigner::describe(wire::pb::StatusReply& out) {
    const std::shared_ptr<Books>& books = service_.books();
    if (!books) return;
    std::vector<std::string> problems;
    for (const KnownLog& log : read_witnessed(service_.config().witnessed(), problems)) {
        auto& w = *out.add_witnessed();
        w.set_name(log.name);
        w.set_origin(log.key.name);
        const auto row = tables::witnessed(*books->reads, log.key.name);
        if (!row) w.set_problem(row.error().message);
        if (!row || !*row) continue;
        w.set_size((*row)->held.size);
        w.set_last_ms((*row)->time);
    }
    for (const std::string& problem : problems) warn(out, Warning{problem});
}

}  // namespace kmp::service
