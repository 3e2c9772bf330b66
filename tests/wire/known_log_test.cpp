// A client that keeps the last checkpoint it saw, against services whose logs grew, were set back, or are others.
#include "wire/known_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "audit/checkpoint.h"
#include "base/fd.h"
#include "tests/audit/sample_log.h"
#include "tests/wire/fake_service.h"
#include "wire/failure.h"
#include "wire/station.h"

namespace pb = wire::pb;
using base::Code;
using tests::FakeStationService;

namespace {

/// A log of so many records, each with a text of its own; its service proves what it is asked for as it should.
class Log final : public audit::HashSource {
public:
    explicit Log(std::string content = "event", std::string origin = "kmp/test/P1") : content_(std::move(content)), origin_(std::move(origin)) {}

    base::Result<audit::Digest> node(unsigned height, std::uint64_t index) override {
        audit::Frontier tree;
        for (std::uint64_t i = 0; i < std::uint64_t{1} << height; ++i) tree.append(audit::leaf_hash(base::as_bytes(content_ + std::to_string((index << height) + i))));
        return tree.root();
    }
    std::string note(std::uint64_t size) { return *audit::sign_checkpoint({origin_, size, *audit::root_at(*this, size)}, *key); }
    std::string verifier() const { return *audit::verifier_key(origin_, key->spki()); }
    pb::HelloReply hello(std::uint64_t size, std::uint64_t from) {
        pb::HelloReply out;
        out.set_version(wire::kProtocolVersion);
        out.set_state("open");
        out.set_checkpoint(note(size));
        out.set_key(verifier());
        if (from > size) return out;
        const audit::Proof proof = *audit::consistency_proof(*this, from, size);
        for (const audit::Digest& d : proof) out.add_consistency(base::to_string(d));
        return out;
    }
    std::shared_ptr<TestKey> key = std::make_shared<TestKey>(TestKey::Type::ed25519);

private:
    std::string content_;
    std::string origin_;
};

class known_log : public testing::Test {
protected:
    wire::KnownLog open(std::string_view key = {}) {
        auto made = wire::KnownLog::open(file_, key);
        if (!made) throw std::runtime_error(made.error().message);
        return std::move(*made);
    }
    /// A whole hello, as a client has it.
    base::Status meet(pb::HelloReply reply) { return open().meet(reply); }
    base::Status meet(Log& log, std::uint64_t size) {
        auto known = open();
        return known.meet(log.hello(size, known.size()));
    }
    std::string content() const { return base::to_string(*base::read_file(file_, 1 << 20)); }
    /// Refused, in one line that begins so; the file is as it was.
    void expect_refused(const base::Status& done, std::string_view begins, const std::string& before) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, Code::tampered) << done.error().message;
        EXPECT_TRUE(done.error().message.starts_with(begins)) << done.error().message;
        EXPECT_NE(done.error().message.find("tell the auditor"), std::string::npos) << done.error().message;
        EXPECT_EQ(done.error().message.find('\n'), std::string::npos);
        EXPECT_EQ(content(), before);
    }
    static constexpr std::string_view kSetBack = "the log of the service was set back: ";

    tests::TemporaryFolder folder_;
    std::string file_ = folder_.path() + "/vend/log";
    Log log_;
};

}  // namespace

TEST_F(known_log, keeps_key_and_checkpoint_of_the_first_contact_for_its_owner_alone) {
    EXPECT_EQ(open().checkpoint(), "");
    ASSERT_TRUE(meet(log_, 7));
    EXPECT_EQ(content(), "kmp/known-log@v1\n" + log_.verifier() + "\n\n" + log_.note(7));
    struct stat about {};
    ASSERT_EQ(stat(file_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    const auto again = open();
    EXPECT_EQ(again.key(), log_.verifier());
    EXPECT_EQ(again.size(), 7u);
    EXPECT_EQ(again.checkpoint(), log_.note(7));
}

TEST_F(known_log, follows_a_log_that_grows) {
    for (std::uint64_t size = 1; size < 40; size += size % 3) {
        ASSERT_TRUE(meet(log_, size)) << size;
        EXPECT_EQ(open().size(), size);
        ASSERT_TRUE(meet(log_, size)) << "it has not grown";
    }
}

TEST_F(known_log, refuses_a_log_that_was_set_back_and_keeps_what_it_has) {
    ASSERT_TRUE(meet(log_, 20));
    const std::string before = content();
    for (std::uint64_t size = 1; size < 20; ++size) expect_refused(meet(log_, size), kSetBack, before);
}

TEST_F(known_log, refuses_a_log_that_was_set_back_and_grew_again) {
    ASSERT_TRUE(meet(log_, 20));
    const std::string before = content();
    Log other("other event");
    other.key = log_.key;
    for (std::uint64_t size = 20; size < 40; ++size) expect_refused(meet(other, size), kSetBack, before);
}

TEST_F(known_log, refuses_another_log_at_the_same_address) {
    ASSERT_TRUE(meet(log_, 20));
    const std::string before = content();
    Log other("event", "kmp/test/P2");
    expect_refused(meet(other, 30), "the checkpoints of the service's log are signed by another key", before);
    other.key = log_.key;
    expect_refused(meet(other, 30), "the checkpoints of the service's log are signed by another key", before);
}

TEST_F(known_log, refuses_another_key_until_the_operator_vouches_for_it) {
    ASSERT_TRUE(meet(log_, 20));
    const std::string before = content();
    Log next;
    expect_refused(meet(next, 30), "the checkpoints of the service's log are signed by another key", before);
    auto known = open(next.verifier());
    ASSERT_TRUE(known.meet(next.hello(30, 20)));
    EXPECT_EQ(open().key(), next.verifier());
    ASSERT_TRUE(meet(next, 40)) << "the operator need not say it again";
    // With a key that is vouched for the log must still go on from what was kept.
    Log last;
    auto again = open(last.verifier());
    expect_refused(again.meet(last.hello(30, 30)), kSetBack, content());
}

TEST_F(known_log, takes_no_other_key_at_the_first_contact_than_the_one_given) {
    Log other;
    auto known = open(log_.verifier());
    EXPECT_EQ(known.meet(other.hello(7, 0)).error().code, Code::tampered);
    EXPECT_FALSE(std::filesystem::exists(file_));
    ASSERT_TRUE(known.meet(log_.hello(7, 0)));
    EXPECT_EQ(wire::KnownLog::open(file_, "no key").error().code, Code::malformed);
    EXPECT_EQ(wire::KnownLog::open(file_, Log("event", "kmp/test/P2").verifier()).error().code, Code::conflict);
}

TEST_F(known_log, refuses_a_service_that_proves_nothing) {
    ASSERT_TRUE(meet(log_, 20));
    const std::string before = content();
    pb::HelloReply without = log_.hello(30, 20);
    without.clear_consistency();
    expect_refused(meet(without), kSetBack, before);
    for (int i = 0; i < log_.hello(30, 20).consistency_size(); ++i) {
        pb::HelloReply bent = log_.hello(30, 20);
        (*bent.mutable_consistency(i))[0] = static_cast<char>(bent.consistency(i)[0] ^ 1);
        expect_refused(meet(bent), kSetBack, before);
        bent.mutable_consistency(i)->resize(31);
        expect_refused(meet(bent), kSetBack, before);
    }
    pb::HelloReply unsigned_one = log_.hello(30, 20);
    unsigned_one.clear_checkpoint();
    expect_refused(meet(unsigned_one), kSetBack, before);
    pb::HelloReply forged = log_.hello(30, 20);
    forged.set_checkpoint(Log().note(30));
    expect_refused(meet(forged), "the service gives a checkpoint of its log that is not good", before);
}

TEST_F(known_log, takes_no_service_that_names_no_key) {
    pb::HelloReply reply = log_.hello(7, 0);
    reply.clear_key();
    EXPECT_EQ(meet(reply).error().code, Code::unsupported);
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(known_log, has_nothing_to_keep_before_the_first_checkpoint) {
    pb::HelloReply fresh = log_.hello(7, 0);
    fresh.clear_checkpoint();
    ASSERT_TRUE(meet(fresh));
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(known_log, takes_a_service_that_is_not_open_for_no_answer) {
    for (const auto& [state, code] : {std::pair("sealed", Code::sealed), std::pair("uninitialised", Code::uninitialised), std::pair("", Code::sealed)}) {
        pb::HelloReply reply;
        reply.set_state(state);
        EXPECT_EQ(meet(reply).error().code, code) << state;
    }
}

TEST_F(known_log, tells_what_a_refused_hello_says_of_its_checkpoint) {
    const base::Error tampered{Code::tampered, "checkpoint: you hold one over 20 records, this log has 9: it was rolled back; tell the auditor"};
    EXPECT_EQ(open().meet(tampered).error().message, tampered.message) << "it kept none";
    ASSERT_TRUE(meet(log_, 20));
    const std::string before = content();
    expect_refused(open().meet(tampered), kSetBack, before);
    const base::Error damaged{Code::tampered, "database kmp.db: a page is not what was written"};
    expect_refused(open().meet(damaged), "the service cannot show that its log goes on from the checkpoint in " + file_ + ": database kmp.db: a page is not what was written; tell the auditor", before);
    for (const Code code : {Code::key_invalid, Code::invalid_argument, Code::malformed}) expect_refused(open().meet(base::Error{code, "checkpoint: no"}), "the service has another log", before);
    for (const Code code : {Code::busy, Code::io_failed, Code::timeout, Code::unsupported}) EXPECT_EQ(open().meet(base::Error{code, "no"}).error().code, code);
}

TEST_F(known_log, refuses_a_damaged_file) {
    ASSERT_TRUE(meet(log_, 20));
    const std::string good = content();
    const auto damaged = [&](const std::string& text) {
        std::ofstream(file_, std::ios::binary) << text;
        const auto opened = wire::KnownLog::open(file_);
        ASSERT_FALSE(opened) << text;
        EXPECT_EQ(opened.error().code, Code::malformed);
    };
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bent = good;
        bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ 1 << bit % 8);
        damaged(bent);
    }
    for (std::size_t n = 0; n < good.size(); ++n) damaged(good.substr(0, n));
    damaged(good + "\n");
    damaged(std::string(40000, 'x'));
}

TEST_F(known_log, of_two_clients_at_once_keeps_what_one_of_them_was_shown) {
    auto one = open();
    auto two = open();
    ASSERT_TRUE(one.meet(log_.hello(20, 0)));
    ASSERT_TRUE(two.meet(log_.hello(15, 0))) << "its answer came later";
    EXPECT_EQ(open().size(), 20u);
    auto three = open();
    auto four = open();
    ASSERT_TRUE(three.meet(log_.hello(25, 20)));
    ASSERT_TRUE(four.meet(log_.hello(30, 20)));
    EXPECT_EQ(open().size(), 25u) << "what goes on from 25 was proved to nobody yet";
    ASSERT_TRUE(meet(log_, 30));
    EXPECT_EQ(open().size(), 30u);
}

TEST_F(known_log, of_two_clients_at_once_notices_that_they_are_shown_two_logs) {
    Log other("other event");
    other.key = log_.key;
    auto one = open();
    auto two = open();
    auto three = open();
    ASSERT_TRUE(one.meet(log_.hello(20, 0)));
    const std::string before = content();
    expect_refused(two.meet(other.hello(20, 0)), "the service showed another log to another client", before);
    expect_refused(three.meet(Log().hello(30, 0)), "the service showed another log to another client", before);
}

TEST_F(known_log, that_is_forgotten_stands_aside_and_the_next_contact_is_a_first) {
    EXPECT_EQ(wire::KnownLog::forget(file_).error().code, Code::not_found);
    ASSERT_TRUE(meet(log_, 20));
    const std::string before = content();
    const auto aside = wire::KnownLog::forget(file_);
    ASSERT_TRUE(aside);
    EXPECT_EQ(base::to_string(*base::read_file(*aside, 1 << 20)), before);
    ASSERT_TRUE(meet(log_, 3));
    EXPECT_EQ(open().size(), 3u);
}

TEST_F(known_log, that_is_forgotten_while_a_client_says_hello_is_kept_anew) {
    ASSERT_TRUE(meet(log_, 20));
    auto late = open();
    ASSERT_TRUE(wire::KnownLog::forget(file_));
    const base::Status met = late.meet(log_.hello(25, 20));
    EXPECT_TRUE(met) << met.error().message;
    EXPECT_EQ(open().size(), 25u);
}

TEST_F(known_log, takes_the_key_that_is_given_or_what_a_file_holds) {
    const std::string file = folder_.path() + "/key";
    const auto in_file = [&](const std::string& text) {
        std::ofstream(file, std::ios::binary) << text;
        return wire::KnownLog::key_of(file);
    };
    ASSERT_TRUE(meet(log_, 20));
    const std::string key = open().key();
    EXPECT_EQ(*wire::KnownLog::key_of(key), key);
    EXPECT_EQ(*in_file(key + "\r\n"), key);
    for (const std::string& wrong : {std::string(), std::string("\n"), key + "\n" + key, std::string("no key"), std::string(5000, '+')}) {
        const auto read = in_file(wrong);
        ASSERT_FALSE(read) << wrong;
        EXPECT_EQ(read.error().code, Code::malformed);
    }
    EXPECT_EQ(wire::KnownLog::key_of(folder_.path() + "/none").error().code, Code::not_found);
    EXPECT_EQ(wire::KnownLog::key_of("a+b").error().code, Code::malformed);
}

TEST_F(known_log, is_not_kept_where_nothing_can_be_written) {
    ASSERT_TRUE(base::write_file_atomically(folder_.path() + "/vend", base::as_bytes("a file in the folder's place"), 0600));
    auto made = wire::KnownLog::open(file_);
    const base::Status done = made ? made->meet(log_.hello(3, 0)) : base::Status(made.error());
    EXPECT_FALSE(done);
}

TEST_F(known_log, has_a_name_of_its_own_for_each_service) {
    EXPECT_EQ(wire::KnownLog::name_for("kmp.example:7450"), "log@kmp.example:7450");
    EXPECT_EQ(wire::KnownLog::name_for("/run/kmp/kmp.sock"), "log@%2Frun%2Fkmp%2Fkmp.sock");
    EXPECT_NE(wire::KnownLog::name_for("a/b"), wire::KnownLog::name_for("a%2Fb"));
}

TEST_F(known_log, is_asked_for_at_each_hello_of_a_station) {
    std::uint64_t size = 5;
    const std::string path = folder_.path() + "/kmp.sock";
    FakeStationService service(path, [&](const pb::StationRequest& r) {
        FakeStationService::Answer answer;
        if (r.has_random()) {
            answer.hang_up = true;  // so that the station comes again
            return answer;
        }
        auto& reply = answer.replies.emplace_back();
        const auto held = audit::read_checkpoint(r.hello().checkpoint());
        if (r.has_hello()) *reply.mutable_hello() = log_.hello(size, held ? held->size : 0);
        else reply.mutable_open_session();
        return answer;
    });
    wire::Habits habits;
    habits.known_log = file_;
    habits.reconnect_pause = wire::Timeout(1);
    const auto connect = [&] { return wire::Station::open({.socket = path}, {.ukey = "US-1"}, habits); };
    ASSERT_TRUE(connect());
    EXPECT_EQ(open().size(), 5u);
    size = 9;
    auto station = connect();
    ASSERT_TRUE(station);
    EXPECT_EQ(service.requests()[2].hello().checkpoint(), log_.note(5));
    EXPECT_EQ(open().size(), 9u);
    const std::string before = content();
    size = 8;
    // In a running session too: whoever is cut off and comes back is shown the log anew. It is not tried again and again.
    pb::Random random;
    random.set_size(4);
    const auto answer = station->ask(random);
    ASSERT_FALSE(answer);
    expect_refused(answer.error(), kSetBack, before);
    const std::size_t asked = service.requests().size();
    expect_refused(connect().error(), kSetBack, before);
    EXPECT_EQ(service.requests().size(), asked + 1) << "a hello, and no PIN and no session after it";
}
