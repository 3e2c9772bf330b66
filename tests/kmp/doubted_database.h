#pragma once
#include <gtest/gtest.h>

#include "kmp/service/books.h"
#include "tests/audit/sample_log.h"

/// What kmpd is told by a database that it does not believe: rows with and without the signatures that make them count.
class DoubtedDatabase : public testing::Test {
protected:
    using Votes = std::vector<std::pair<std::string, const TestKey*>>;  ///< in whose name, by whose key

    static base::UkeySerial serial(const std::string& text) { return base::UkeySerial::parse(text).value(); }

    TestPki pki;
    TestKey a{TestKey::Type::p256}, b{TestKey::Type::p256}, stranger{TestKey::Type::p256};
    kmp::service::Books books{kmp::service::House{"Test Utility", "kmp/test", serial("P1"), serial("P1"), 0, pki.anchor, pki.checkpoint_certificate, {}, {}}};

    /// Two of two from now on: OF-A with key a, OF-B with key b.
    void with_officers() {
        tokens::SignedQuorum q;
        q.quorum.home = serial("P1");
        q.quorum.generation = 1;
        q.quorum.needed = 2;
        q.quorum.officers = {{serial("OF-A"), "Wang", a.spki()}, {serial("OF-B"), "Zhao", b.spki()}};
        q.statement = q.quorum.encode();
        books.house.first_quorum = q.statement;
        books.quorums.push_back(std::move(q));
    }
    /// Puts a request with one term into what was signed, and these votes for it. `home`, `generation`: whose request it is.
    template <class Signed>
    static void approve(Signed& what, model::Deed deed, const std::string& term, base::ByteView value, const Votes& votes, const std::string& home = "P1", std::uint32_t generation = 1) {
        model::ApprovalRequest r;
        r.number = 1;
        r.home = serial(home);
        r.generation = generation;
        r.deed = deed;
        r.by = "uid 0";
        r.made = 1;
        r.expires = 2;
        r.terms = {{term, base::to_string(value)}};
        what.request = r.encode();
        what.votes.clear();
        for (const auto& [officer, key] : votes) what.votes.push_back({serial(officer), true, key->sign_statement("approval", model::vote_statement(what.request, true))});
    }
    static base::Code code_of(const base::Status& status) { return status ? kGood : status.error().code; }
    static constexpr base::Code kGood = base::Code::internal;
};
