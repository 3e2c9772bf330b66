#include <algorithm>
#include <charconv>
#include <limits>

#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/archiving.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/tables.h"
#include "model/quorum_change.h"
#include "model/retention.h"
#include "wire/failure.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

struct DeedLine {
    model::Deed deed;
    base::Result<wire::pb::AdminReply> (*carry_out)(Undertaking&);
};
constexpr std::array kDeeds{
    DeedLine{model::Deed::issue, issue_ukey},       DeedLine{model::Deed::renew, renew_ukey},     DeedLine{model::Deed::reinject, inject_masters},
    DeedLine{model::Deed::set_grant, set_grant},    DeedLine{model::Deed::unblock, unblock_ukey}, DeedLine{model::Deed::destroy, destroy_ukey},
    DeedLine{model::Deed::rotate, rotate_keys},     DeedLine{model::Deed::destroy_version, destroy_version},
    DeedLine{model::Deed::backup, make_backup},
    DeedLine{model::Deed::add_master, add_master},
    DeedLine{model::Deed::change_quorum, change_quorum}, DeedLine{model::Deed::revoke, revoke_ukey},     DeedLine{model::Deed::publish_crl, publish_crl},
    DeedLine{model::Deed::issue_account, issue_account}, DeedLine{model::Deed::enable_account, enable_account}, DeedLine{model::Deed::reset_account, reset_account},
    DeedLine{model::Deed::bind_account, bind_account},
    DeedLine{model::Deed::request_certificate, request_certificate},                              DeedLine{model::Deed::recover_meter, allow_download},
    DeedLine{model::Deed::retention, set_retention},
};

std::string state_of(const tables::StoredRequest& r, const model::Quorum& quorum, base::Millis now) {
    switch (r.closed) {
        case tables::Closed::open: break;
        case tables::Closed::done: return "done";
        case tables::Closed::failed: return "failed";
        case tables::Closed::rejected: return "rejected";
    }
    return std::string(name(model::standing(r.request, r.votes, quorum, now)));
}

/// The PINs that running a request takes.
std::vector<wire::pb::RequestPin> pins_of(const model::ApprovalRequest& r) {
    const auto pin = [](std::string role, std::string prompt, bool fresh) {
        wire::pb::RequestPin out;
        out.set_role(std::move(role));
        out.set_prompt(std::move(prompt));
        out.set_fresh(fresh);
        return out;
    };
    switch (r.deed) {
        case model::Deed::issue:
        case model::Deed::unblock: return {pin("ukey", "new PIN of UKEY " + r.term("ukey"), true)};
        case model::Deed::renew:
        case model::Deed::reinject:
            // Another master-control UKEY opens by the same officers.
            if (r.term("kind") == model::name(model::UkeyKind::master_control)) return {};
            return {pin("ukey", "PIN of UKEY " + r.term("ukey"), false)};
        case model::Deed::issue_account:
            if (const auto account = model::Account::decode(base::as_bytes(r.term("account"))); account && !account->password) return {};
            return {pin("account", "first password of account " + r.term("name"), true)};
        case model::Deed::reset_account: return {pin("account", "new password of account " + r.term("new_password_for"), true)};
        case model::Deed::change_quorum: {
            std::vector<wire::pb::RequestPin> out;
            if (const auto change = model::QuorumChange::from_terms(r.terms))
                for (const model::NewOfficer& o : change->add) out.push_back(pin("officer" + std::to_string(out.size() + 1), "PIN of the UKEY of officer " + o.holder, true));
            return out;
        }
        default: return {};
    }
}

template <class Statement>
std::string in_words_of(const std::string& value) {
    const auto statement = Statement::decode(base::as_bytes(value));
    return statement ? statement->in_words() : "unreadable: " + statement.error().message;
}

/// A term's value for a person: a grant and an account in words, a list's lines and cells in a row, everything else as it is.
std::string readable(const std::string& term, const std::string& value) {
    if (term == "grant") return in_words_of<model::Grant>(value);
    if (term == "retention") return in_words_of<model::Retention>(value);
    if (term == "account") return in_words_of<model::Account>(value);
    std::string out;
    for (const char c : value) out += c == '\n' ? "; " : c == '\t' ? ", " : std::string(1, c);
    return out;
}

/// A vote counts while its officer's UKEY is in use: that of a stick reported lost does not.
void keep_those_in_use(Job& job, Books& books, std::vector<model::Vote>& votes) {
    job.service.on_io([&] {
        std::erase_if(votes, [&](const model::Vote& v) {
            const tokens::UkeyRecord* record = books.registry.find(v.officer);
            return v.agrees && (record == nullptr || record->state != model::UkeyState::issued);
        });
    });
}

wire::pb::Request describe(Job& job, tables::StoredRequest r, Books& books, base::Millis now) {
    keep_those_in_use(job, books, r.votes);
    const model::Quorum& quorum = books.quorum()->quorum;
    wire::pb::Request out;
    out.set_number(r.request.number);
    out.set_deed(std::string(name(r.request.deed)));
    out.set_by(r.request.by);
    out.set_made_ms(r.request.made);
    out.set_expires_ms(r.request.expires);
    out.set_state(state_of(r, quorum, now));
    out.set_needed(quorum.needed);
    out.set_agreeing(model::agreeing(r.votes, quorum));
    out.set_shares(books.shares.count(r.request.number));
    for (const model::Vote& v : r.votes) {
        auto& vote = *out.add_votes();
        vote.set_officer(v.officer.text());
        vote.set_agrees(v.agrees);
        if (const model::Officer* officer = quorum.find(v.officer)) vote.set_holder(officer->holder);
    }
    for (wire::pb::RequestPin& p : pins_of(r.request)) *out.add_pins() = std::move(p);
    for (const auto& [term, value] : r.request.terms) (*out.mutable_terms())[term] = readable(term, value);
    out.set_statement(base::to_string(r.statement));
    out.set_outcome(r.outcome);
    return out;
}

/// What would be done, for a person. A grant and an account name themselves; a term without a value says nothing.
std::string in_words(const Plan& plan) {
    std::string out(phrase(plan.deed));
    std::string_view between = ": ";
    for (const auto& [term, value] : plan.terms) {
        if (value.empty()) continue;
        const std::string text = readable(term, value);
        out.append(between).append(text.starts_with(term + " ") ? "" : term + " ").append(text);
        between = "; ";
    }
    return out;
}

base::Status need_quorum(Books& books) {
    if (books.quorum() != nullptr) return {};
    return {Code::refused, "there are no requests here: one person holds the master-control UKEY, and does at once what a request would ask for"};
}

base::Result<tables::StoredRequest> find_request(Books& books, std::uint64_t number) {
    KMP_TRY(auto all, tables::requests(*books.reports));
    for (tables::StoredRequest& r : all)
        if (r.request.number == number) return std::move(r);
    return {Code::not_found, "there is no request " + std::to_string(number) + "; see 'kmpctl request list'"};
}

/// ok while it can still be voted on or run.
base::Status still_open(const tables::StoredRequest& r, Books& books, base::Millis now) {
    const std::string state = state_of(r, books.quorum()->quorum, now);
    if (state == "waiting" || state == "approved") return {};
    return {Code::refused, "request " + std::to_string(r.request.number) + " is " + state + "; make a new one"};
}

wire::pb::RequestMade made_reply(const model::ApprovalRequest& r, Books& books, bool asked_before) {
    wire::pb::RequestMade out;
    out.set_number(r.number);
    out.set_needed(books.quorum()->quorum.needed);
    out.set_expires_ms(r.expires);
    out.set_what(in_words({r.deed, r.terms}));
    out.set_asked_before(asked_before);
    return out;
}

base::Status check_vote(const model::Officer& officer, const base::Bytes& statement, const model::Vote& vote) {
    return pki::verify_statement(officer.identity, "approval", model::vote_statement(statement, vote.agrees), vote.signature);
}

/// The secret that the officers' shares of this request stand for.
base::Result<base::Secret> join_shares(Books& books, std::uint64_t number) {
    const tokens::SignedQuorum& quorum = *books.quorum();
    const unsigned held = books.shares.count(number);
    if (held < quorum.quorum.needed)
        return {Code::refused, std::to_string(held) + " of " + std::to_string(quorum.quorum.needed) + " officers have given their share in the last minutes; let them approve request " +
                                   std::to_string(number) + " again, their UKEYs at hand"};
    KMP_TRY(base::Secret secret, tokens::join(books.shares.take(number)));
    if (tokens::digest_of_quorum_secret(secret) != quorum.secret) return {Code::tampered, "the officers' shares do not fit together: one of them was changed"};
    return secret;
}

}  // namespace

const char* who_chose(bool holder) { return holder ? "chosen by the holder" : "to be changed before the first use"; }

const std::string& Undertaking::term(const std::string& term_name) const {
    static const std::string none;
    const auto it = terms.find(term_name);
    return it == terms.end() ? none : it->second;
}

base::Result<std::uint64_t> Undertaking::number(const std::string& term_name) const {
    const std::string& text = term(term_name);
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return {Code::malformed, "the term '" + term_name + "' of this request is not a number"};
    return out;
}

base::Result<model::KeyVersion> Undertaking::version(const std::string& term_name) const {
    KMP_TRY(const std::uint64_t n, number(term_name));
    if (n > std::numeric_limits<model::KeyVersion>::max()) return {Code::malformed, "the term '" + term_name + "' of this request is not a key version"};
    return static_cast<model::KeyVersion>(n);
}

base::Result<wire::pb::AdminReply> carry_out(Undertaking& u, model::Deed deed) {
    for (const DeedLine& line : kDeeds)
        if (line.deed == deed) return line.carry_out(u);
    return {Code::unsupported, "this version cannot " + std::string(name(deed))};
}

namespace {

/// The deed as the master-control UKEY signs it is durable before anything is done: what comes of it names it.
base::Result<Word> put_in_writing(Job& job, Books& books, MasterUkey& master, const Plan& plan) {
    model::ApprovalRequest deed;
    deed.number = books.writer->head().size;
    deed.home = books.house.home;
    deed.deed = plan.deed;
    deed.by = job.peer.text();
    deed.made = job.service.on_io([&] { return job.service.now(); });
    deed.terms = plan.terms;
    KMP_TRY(const SignedDeed signed_deed, sign_deed(master.token(), master.record().serial, std::move(deed)));
    KMP_TRY(const audit::Receipt receipt, books.writer->write(entry_of(signed_deed.event(job, in_words(plan)))));
    return Word{0, receipt.index};
}

}  // namespace

base::Result<wire::pb::AdminReply> do_or_ask(Job& job, Books& books, const Plan& plan) {
    if (books.quorum() == nullptr) {
        KMP_TRY(const std::unique_ptr<MasterUkey> master, MasterUkey::open(job, books, plan.master));
        KMP_TRY(const Word word, put_in_writing(job, books, *master, plan));
        Undertaking u{job, books, *master, plan.terms, nullptr, word};
        return carry_out(u, plan.deed);
    }
    wire::pb::AdminReply reply;
    KMP_TRY(*reply.mutable_request_made(), make_request(job, books, plan, job.peer.text()));
    return reply;
}

base::Result<wire::pb::RequestMade> make_request(Job& job, Books& books, const Plan& plan, const std::string& by) {
    KMP_TRY(const auto earlier, tables::requests(*books.reports));
    for (const tables::StoredRequest& r : earlier)
        if (r.request.deed == plan.deed && r.request.terms == plan.terms && still_open(r, books, job.service.on_io([&] { return job.service.now(); }))) return made_reply(r.request, books, true);
    tables::StoredRequest stored;
    model::ApprovalRequest& r = stored.request;
    r.number = earlier.empty() ? 1 : earlier.back().request.number + 1;
    r.home = books.house.home;
    r.generation = books.quorum()->quorum.generation;
    r.deed = plan.deed;
    r.by = by;
    r.made = job.service.on_io([&] { return job.service.now(); });
    r.expires = r.made + model::ApprovalRequest::kLife;
    r.terms = plan.terms;
    KMP_CHECK(r.validate());
    stored.statement = r.encode();
    Event made(EventType::request_made);
    job.describe(made);
    made.text(Field::detail, in_words(plan)).number(Field::request_number, r.number).bytes(Field::statement, stored.statement).time(Field::not_after, r.expires);
    if (const auto it = plan.terms.find("ukey"); it != plan.terms.end()) made.text(Field::ukey, it->second);
    Entry entry = entry_of(std::move(made));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return tables::add_request(t, stored); };
    KMP_CHECK(books.writer->write(std::move(entry)));
    return made_reply(r, books, false);
}

base::Result<wire::pb::RequestListReply> list_requests(Job& job, const wire::pb::RequestList& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    wire::pb::RequestListReply out;
    if (books->quorum() == nullptr) return out;
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    KMP_TRY(const auto all, tables::requests(*books->reports));
    // Newest first; a page stays below the largest frame.
    for (auto r = all.rbegin(); r != all.rend() && out.ByteSizeLong() < 40 * 1024; ++r) {
        wire::pb::Request described = describe(job, *r, *books, now);
        if (!request.all() && described.state() != "waiting" && described.state() != "approved") continue;
        described.clear_statement();
        *out.add_requests() = std::move(described);
    }
    return out;
}

base::Result<wire::pb::RequestShowReply> show_request(Job& job, const wire::pb::RequestShow& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_CHECK(need_quorum(*books));
    KMP_TRY(const tables::StoredRequest stored, find_request(*books, request.number()));
    wire::pb::RequestShowReply out;
    *out.mutable_request() = describe(job, stored, *books, job.service.on_io([&] { return job.service.now(); }));
    return out;
}

base::Result<wire::pb::RequestJudgeReply> judge_request(Job& job, const wire::pb::RequestJudge& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_CHECK(need_quorum(*books));
    KMP_TRY(tables::StoredRequest stored, find_request(*books, request.number()));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    KMP_CHECK(still_open(stored, *books, now));
    if (base::as_bytes(request.statement_hash()).size() != 32 || !std::ranges::equal(base::as_bytes(request.statement_hash()), base::sha256(stored.statement)))
        return {Code::conflict, "what was shown is not request " + std::to_string(request.number()) + "; look at it again with 'kmpctl request show'"};
    KMP_TRY(const std::unique_ptr<OfficerUkey> officer, OfficerUkey::open(job, *books, request.officer()));

    model::Vote vote;
    vote.officer = officer->officer().ukey;
    vote.agrees = request.agree();
    KMP_TRY(vote.signature, officer->token().sign_statement("approval", model::vote_statement(stored.statement, vote.agrees)));
    if (!check_vote(officer->officer(), stored.statement, vote)) return {Code::token_failed, "officer UKEY " + vote.officer.text() + " signed with another key than its certificate's"};
    if (vote.agrees) {
        const std::uint32_t generation = books->quorum()->quorum.generation;
        KMP_TRY(const base::Bytes blob, tokens::registry::share(*books->reports, generation, vote.officer));
        KMP_TRY(auto share, officer->token().open_share(blob));
        if (share.first != generation) return {Code::tampered, "the share of officer UKEY " + vote.officer.text() + " is of another quorum"};
        books->shares.put(stored.request.number, vote.officer, std::move(share.second), std::chrono::steady_clock::now());
    }
    Event voted(EventType::request_voted);
    job.describe(voted);
    voted.text(Field::ukey, vote.officer.text()).number(Field::request_number, stored.request.number).number(Field::agrees, vote.agrees ? 1 : 0);
    voted.text(Field::holder, officer->officer().holder).bytes(Field::signature, vote.signature);
    Entry entry = entry_of(std::move(voted));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(tables::put_vote(t, stored.request.number, vote));
        if (!vote.agrees) KMP_CHECK(tables::close_request(t, stored.request.number, tables::Closed::rejected, "rejected by " + officer->officer().holder));
        return {};
    };
    KMP_TRY(const audit::Receipt receipt, books->writer->write(std::move(entry)));
    if (!vote.agrees) (void)books->shares.take(stored.request.number);
    KMP_TRY(stored, find_request(*books, request.number()));
    wire::pb::RequestJudgeReply out;
    *out.mutable_request() = describe(job, stored, *books, now);
    fill(*out.mutable_receipt(), receipt);
    return out;
}

base::Result<wire::pb::AdminReply> run_request(Job& job, const wire::pb::RequestRun& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_CHECK(need_quorum(*books));
    KMP_TRY(const tables::StoredRequest stored, find_request(*books, request.number()));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    KMP_CHECK(still_open(stored, *books, now));
    const model::Quorum& quorum = books->quorum()->quorum;
    // The database is not believed: every vote must carry its officer's signature.
    Approved approved{stored.statement, {}};
    for (const model::Vote& v : stored.votes)
        if (const model::Officer* officer = quorum.find(v.officer); officer != nullptr && check_vote(*officer, stored.statement, v)) approved.votes.push_back(v);
    keep_those_in_use(job, *books, approved.votes);
    if (model::standing(stored.request, approved.votes, quorum, now) != model::Standing::approved)
        return {Code::refused, "request " + std::to_string(stored.request.number) + " waits: " + std::to_string(model::agreeing(approved.votes, quorum)) + " of " +
                                   std::to_string(quorum.needed) + " officers agree"};
    KMP_CHECK(MasterUkey::check_present(job, *books));
    KMP_TRY(base::Secret secret, join_shares(*books, stored.request.number));
    KMP_TRY(const std::unique_ptr<MasterUkey> master, MasterUkey::open(job, *books, std::move(secret)));
    Undertaking u{job, *books, *master, stored.request.terms, &approved, {stored.request.number, 0}};
    auto reply = carry_out(u, stored.request.deed);

    // What failed may be tried again while the approval lasts; what is done is done once, and what was overtaken can never be done.
    const bool overtaken = !reply && (reply.error().code == Code::conflict || reply.error().code == Code::already_exists);
    Event closed(EventType::request_closed);
    job.describe(closed);
    closed.number(Field::request_number, stored.request.number).value(Field::outcome, reply ? audit::Outcome::done : audit::Outcome::undone);
    if (!reply) closed.text(Field::code, base::name(reply.error().code)).text(Field::detail, reply.error().message);
    const auto closing = [&] {
        Entry entry = entry_of(closed);
        entry.effect = [&reply, overtaken, number = stored.request.number](store::Transaction& t, const audit::Receipt&) -> base::Status {
            if (overtaken) return tables::close_request(t, number, tables::Closed::failed, reply.error().message);
            return reply ? tables::close_request(t, number, tables::Closed::done, "done") : base::Status();
        };
        return entry;
    };
    if (const auto written = books->writer->write(closing()); !written) job.service.on_io([&] { job.service.owe(*books, closing(), written.error()); });
    return reply;
}

}  // namespace kmp::service
