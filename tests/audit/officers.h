#pragma once
#include "model/approval.h"
#include "tests/audit/sample_log.h"

/// What the officers of a log leave in it.
namespace officers {

inline base::UkeySerial serial(const std::string& text) { return base::UkeySerial::parse(text).value(); }

/// Generation 1 at platform UKEY P1, two of whom must agree.
inline model::Quorum two_of(std::vector<model::Officer> all) {
    model::Quorum q;
    q.home = serial("P1");
    q.generation = 1;
    q.needed = 2;
    q.officers = std::move(all);
    return q;
}
/// OF-A and OF-B.
inline model::Quorum two(const TestKey& a, const TestKey& b) { return two_of({{serial("OF-A"), "Wang", a.spki()}, {serial("OF-B"), "Zhao", b.spki()}}); }

inline audit::Event genesis(const SampleLog& log, const model::Quorum& quorum, const TestKey& signer) {
    using audit::Field;
    return std::move(log.genesis().bytes(Field::quorum, quorum.encode()).bytes(Field::signature, signer.sign_statement("quorum", quorum.encode())));
}

inline model::ApprovalRequest request(std::uint64_t number, model::Deed deed, std::map<std::string, std::string> terms) {
    return {number, serial("P1"), 1, deed, "uid 0", kDayOne, kDayOne + base::kDay, std::move(terms)};
}
inline audit::Event made(const model::ApprovalRequest& r) {
    return std::move(audit::Event(audit::EventType::request_made).number(audit::Field::request_number, r.number).bytes(audit::Field::statement, r.encode()));
}
inline audit::Event vote(const model::ApprovalRequest& r, const std::string& officer, const TestKey& key, bool agrees = true) {
    using audit::Field;
    return std::move(audit::Event(audit::EventType::request_voted).number(Field::request_number, r.number).text(Field::ukey, officer).number(Field::agrees, agrees ? 1 : 0)
                         .bytes(Field::signature, key.sign_statement("approval", model::vote_statement(r.encode(), agrees))));
}

}  // namespace officers
