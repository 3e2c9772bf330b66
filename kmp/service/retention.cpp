#include "kmp/service/retention.h"

#include "kmp/service/login.h"

namespace kmp::service {

using base::Code;

base::Status check_retention(const RetentionRecord& r, const Books& books) {
    const std::string who = "retention policy " + std::to_string(r.policy.number);
    if (!books.house.signed_by_master("retention", r.statement, r.signature)) return {Code::tampered, who + " was not signed by the master-control UKEY: the database was changed"};
    if (auto agreed = approved_by_officers(books, "retention", r.statement, r.request, r.votes); !agreed) return std::move(agreed).error().in(who);
    if (r.policy.encode() != r.statement) return {Code::tampered, who + " has the statement of another policy: the database was changed"};
    if (r.policy.home != books.house.home) return {Code::denied, who + " belongs to platform " + r.policy.home.text() + ", not to this one"};
    return {};
}

namespace retention {

base::Status insert(store::Transaction& t, const RetentionRecord& r) {
    KMP_CHECK(t.run("INSERT INTO retention VALUES (?,?,?,?,?)", r.policy.number, r.statement, r.signature, r.request, model::encode_votes(r.votes)));
    return {};
}

base::Result<std::optional<RetentionRecord>> newest(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT statement, signature, request, votes FROM retention ORDER BY number DESC LIMIT 1"));
    KMP_TRY(const bool any, s.step());
    if (!any) return std::optional<RetentionRecord>{};
    RetentionRecord out;
    out.statement = base::to_bytes(s.blob(0));
    out.signature = base::to_bytes(s.blob(1));
    out.request = base::to_bytes(s.blob(2));
    auto policy = model::Retention::decode(out.statement);
    if (!policy) return base::Error{Code::tampered, "the retention policy in the database cannot be read: " + policy.error().message};
    out.policy = std::move(*policy);
    auto votes = model::decode_votes(s.blob(3));
    if (!votes) return base::Error{Code::tampered, "the votes for the retention policy cannot be read: " + votes.error().message};
    out.votes = std::move(*votes);
    return std::optional<RetentionRecord>(std::move(out));
}

}  // namespace retention

}  // namespace kmp::service
