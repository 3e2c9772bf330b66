#include "kmp/service/outlets.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <fstream>

#include "audit/journal.h"
#include "audit/witness.h"
#include "kmp/service/http_client.h"
#include "kmp/service/witness_server.h"
#include "tests/audit/log_database.h"
#include "tests/audit/sample_log.h"
#include "tests/base/comes_true.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using kmp::service::Carrier;
using kmp::service::Cosignatures;
using kmp::service::Outgoing;
using kmp::service::Outlets;
using kmp::service::OutletState;
using kmp::service::OutletWatch;
using kmp::service::Past;

const std::string kOrigin = "kmp/Utility/P-1";

/// A log in a database, as the service has it, and the keys that signed it.
class ALog : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = audit::Journal::open(db);
        ASSERT_TRUE(opened);
        journal.emplace(std::move(*opened));
    }
    void grow(std::uint64_t to) {
        auto tx = db.begin();
        ASSERT_TRUE(tx);
        while (journal->next_index() < to) ASSERT_TRUE(journal->append(*tx, std::move(Event(EventType::random_drawn).number(Field::data_size, journal->next_index())), kDayOne));
        ASSERT_TRUE(tx->commit());
        journal->committed();
    }
    std::shared_ptr<Past> past(std::vector<Past::Key> keys, std::uint64_t accept = 0, std::set<Past::Contradiction> accepted = {}) {
        auto reads = store::Database::open(folder.file("kmp.db"), base::Secret(32), store::Mode::read_only);
        EXPECT_TRUE(reads) << reads.error().message;
        return std::make_shared<Past>(std::move(*reads), kOrigin, std::move(keys), std::move(accepted), accept);
    }
    std::shared_ptr<Past> past(std::uint64_t accept = 0, std::set<Past::Contradiction> accepted = {}) { return past({{0, key.spki()}}, accept, std::move(accepted)); }
    /// Signed by `by` over so many records, of which the root is this log's, or another's.
    std::string note(std::uint64_t size, TestKey& by, bool other = false) {
        auto reader = journal->reader();
        const audit::Digest root = other || size > journal->size() ? base::sha256(base::as_bytes("another history")) : *audit::root_at(reader, size);
        return *audit::sign_checkpoint({kOrigin, size, root}, by);
    }
    std::string note(std::uint64_t size, bool other = false) { return note(size, key, other); }

    TemporaryFolder folder;
    store::Database db = log_database(folder.file("kmp.db"));
    std::optional<audit::Journal> journal;
    TestKey key{TestKey::Type::ed25519};
};

using APast = ALog;

TEST_F(APast, goes_on_from_every_checkpoint_that_it_has_signed) {
    grow(20);
    const auto log = past();
    for (std::uint64_t size = 1; size <= 20; ++size) {
        const auto held = log->hold(note(size), "somewhere");
        ASSERT_TRUE(held) << held.error().message;
        EXPECT_EQ(*held, size);
    }
    grow(30);
    EXPECT_EQ(*log->size(), 30u) << "what was committed meanwhile counts";
    EXPECT_TRUE(log->hold(note(30), "somewhere"));
}

TEST_F(APast, is_not_that_of_a_checkpoint_beyond_its_end_or_over_other_records) {
    grow(20);
    const auto log = past();
    EXPECT_EQ(log->evidence(), "");
    const std::string beyond = note(21);
    const auto longer = log->hold(beyond, "the drop");
    EXPECT_EQ(longer.error().code, Code::tampered);
    EXPECT_EQ(longer.error().message.find("the log of this machine ends at record 20, and the drop has a checkpoint over 21 that it signed"), 0u) << longer.error().message;
    EXPECT_EQ(log->evidence(), beyond);
    EXPECT_EQ(log->hold(note(7, true), "the drop").error().code, Code::tampered);
    EXPECT_EQ(log->hold(note(20, true), "the drop").error().code, Code::tampered);
}

TEST_F(APast, is_contradicted_by_nobody_without_its_key) {
    grow(20);
    const auto log = past();
    TestKey stranger(TestKey::Type::ed25519);
    EXPECT_EQ(log->hold(note(500, stranger), "x").error().code, Code::key_invalid);
    EXPECT_EQ(log->hold(*audit::sign_checkpoint({"kmp/Other/P-2", 500, base::sha256(base::ByteView())}, key), "x").error().code, Code::key_invalid);
    std::string forged = note(10);
    forged.replace(forged.find("\n10\n"), 4, "\n99\n");
    EXPECT_EQ(log->hold(forged, "x").error().code, Code::key_invalid);
    EXPECT_EQ(log->hold("garbage", "x").error().code, Code::malformed);
    EXPECT_EQ(log->evidence(), "");
}

TEST_F(APast, answers_for_a_former_platform_ukey_up_to_the_event_that_replaced_it) {
    grow(20);
    TestKey former(TestKey::Type::ed25519);
    const auto log = past({{0, former.spki()}, {12, key.spki()}});
    EXPECT_TRUE(log->hold(note(12, former), "x"));
    EXPECT_EQ(log->hold(note(12, former, true), "x").error().code, Code::tampered);
    EXPECT_TRUE(log->hold(note(500, former), "x")) << "a restore has lost that, and says so";
    EXPECT_EQ(log->hold(note(500), "x").error().code, Code::tampered);
}

TEST_F(APast, forgives_what_an_auditor_has_looked_at_and_no_more) {
    grow(20);
    const auto log = past(500);
    EXPECT_TRUE(log->hold(note(500), "x"));
    EXPECT_EQ(log->hold(note(501), "x").error().code, Code::tampered);
    const auto remembered = log->take_accepted();
    ASSERT_EQ(remembered.size(), 1u);
    EXPECT_EQ(remembered[0].size, 500u);
    EXPECT_TRUE(log->take_accepted().empty()) << "once";

    // What was accepted goes on being so; another one of no larger size does not.
    const auto later = past(0, {remembered.begin(), remembered.end()});
    EXPECT_TRUE(later->hold(note(500), "x"));
    EXPECT_EQ(later->hold(note(499), "x").error().code, Code::tampered);
    EXPECT_EQ(later->hold(note(12, true), "x").error().code, Code::tampered);
    EXPECT_TRUE(later->take_accepted().empty());
}

/// A place outside that does as the test says.
struct Place {
    std::mutex mutex;
    std::condition_variable wake;
    bool hangs = false, broken = false, all = true;
    std::vector<std::string> lies_there;
    std::vector<std::uint64_t> carried;
    std::optional<Cosignatures> answer;

    void set(const std::function<void(Place&)>& change) {
        const std::lock_guard lock(mutex);
        change(*this);
        wake.notify_all();
    }
    std::vector<std::uint64_t> got() {
        const std::lock_guard lock(mutex);
        return carried;
    }
};

class FakeCarrier final : public Carrier {
public:
    FakeCarrier(std::string name, std::shared_ptr<Place> place) : name_(std::move(name)), place_(std::move(place)) {}
    std::string name() const override { return name_; }
    std::string place() const override { return "/" + name_; }
    bool all() const noexcept override { return place_->all; }
    base::Result<std::vector<std::string>> look() override {
        std::unique_lock lock(place_->mutex);
        if (place_->broken) return {Code::not_found, "the folder /" + name_ + " is away"};
        return place_->lies_there;
    }
    base::Result<std::optional<Cosignatures>> carry(const Outgoing& outgoing) override {
        std::unique_lock lock(place_->mutex);
        place_->wake.wait(lock, [&] { return !place_->hangs; });
        if (place_->broken) return {Code::not_found, "the folder /" + name_ + " is away"};
        place_->carried.push_back(outgoing.size);
        return place_->answer;
    }

private:
    std::string name_;
    std::shared_ptr<Place> place_;
};

class SomeOutlets : public ALog {
protected:
    void SetUp() override {
        ALog::SetUp();
        grow(20);
        outlets.emplace(Outlets::Settings{std::chrono::milliseconds(5), std::chrono::milliseconds(20), std::chrono::milliseconds(50)}, past());
    }
    void use(std::vector<std::string> names) {
        std::vector<std::unique_ptr<Carrier>> carriers;
        for (const std::string& name : names) carriers.push_back(std::make_unique<FakeCarrier>(name, at(name)));
        outlets->use(std::move(carriers));
    }
    std::shared_ptr<Place> at(const std::string& name) {
        auto& place = places[name];
        if (!place) place = std::make_shared<Place>();
        return place;
    }
    void offer(std::uint64_t size) { outlets->offer({"note over " + std::to_string(size), size}); }
    OutletState state(const std::string& name) {
        for (OutletState& s : outlets->states())
            if (s.name == name) return s;
        return {};
    }
    std::map<std::string, std::shared_ptr<Place>> places;
    std::optional<Outlets> outlets;
};

TEST_F(SomeOutlets, carry_every_checkpoint_in_order_where_all_are_wanted_and_the_newest_elsewhere) {
    at("witness")->all = false;
    at("witness")->hangs = at("drop")->hangs = true;
    use({"drop", "witness"});
    for (std::uint64_t size = 1; size <= 9; ++size) offer(size);
    EXPECT_EQ(state("drop").waiting, 9u);
    EXPECT_EQ(state("witness").waiting, 9u);
    for (const char* name : {"drop", "witness"}) at(name)->set([](Place& p) { p.hangs = false; });
    ASSERT_TRUE(comes_true([&] { return state("drop").size == 9 && state("witness").size == 9 && state("drop").waiting == 0 && state("witness").waiting == 0; }));
    EXPECT_EQ(at("drop")->got(), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_LE(at("witness")->got().size(), 2u) << "the one that it hung with, and the newest";
}

TEST_F(SomeOutlets, a_place_that_hangs_is_told_and_holds_up_no_other_and_no_end) {
    at("stuck")->hangs = true;
    use({"stuck", "well"});
    offer(1);
    ASSERT_TRUE(comes_true([&] { return state("well").size == 1; }));
    ASSERT_TRUE(comes_true([&] { return state("stuck").problem == "/stuck does not answer"; }));
    offer(2);
    ASSERT_TRUE(comes_true([&] { return state("well").size == 2; }));
    outlets.reset();
    at("stuck")->set([](Place& p) { p.hangs = false; });
}

TEST_F(SomeOutlets, a_place_that_fails_is_told_once_and_has_everything_when_it_is_back) {
    OutletWatch watch;
    use({"drop"});
    offer(1);
    ASSERT_TRUE(comes_true([&] { return state("drop").size == 1; }));
    EXPECT_TRUE(watch.look(outlets->states()).empty());
    at("drop")->set([](Place& p) { p.broken = true; });
    offer(2);
    offer(3);
    ASSERT_TRUE(comes_true([&] { return state("drop").failures > 2; }));
    auto events = watch.look(outlets->states());
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].type(), EventType::checkpoint_held_up);
    EXPECT_TRUE(watch.look(outlets->states()).empty()) << "once";
    const auto warnings = kmp::service::outlet_warnings(outlets->states());
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_EQ(warnings[0].line, "checkpoints are not dropped: the folder /drop is away; 2 checkpoints wait");
    at("drop")->set([](Place& p) { p.broken = false; });
    ASSERT_TRUE(comes_true([&] { return state("drop").size == 3 && state("drop").problem.empty(); }));
    EXPECT_EQ(at("drop")->got(), (std::vector<std::uint64_t>{1, 2, 3}));
    events = watch.look(outlets->states());
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].type(), EventType::witness_answered);
    EXPECT_TRUE(kmp::service::outlet_warnings(outlets->states()).empty());
}

TEST_F(SomeOutlets, keep_the_newest_thousand_and_give_up_the_oldest) {
    at("drop")->set([](Place& p) { p.broken = true; });
    use({"drop"});
    for (std::uint64_t size = 1; size <= Outlets::kMostWaiting + 10; ++size) offer(size);
    at("drop")->set([](Place& p) { p.broken = false; });
    ASSERT_TRUE(comes_true([&] { return state("drop").size == Outlets::kMostWaiting + 10; }));
    EXPECT_EQ(at("drop")->got().front(), 11u);
    EXPECT_EQ(at("drop")->got().size(), Outlets::kMostWaiting);
}

TEST_F(SomeOutlets, what_lies_there_and_proves_that_the_log_went_back_is_told_and_nothing_is_carried_over_it) {
    at("drop")->lies_there = {note(5), note(21)};
    use({"drop"});
    outlets->wait_for_looks(std::chrono::seconds(30));
    EXPECT_NE(state("drop").contradiction.find("/drop has a checkpoint over 21"), std::string::npos) << state("drop").contradiction;
    offer(20);
    ASSERT_TRUE(comes_true([&] { return state("drop").failures > 2; }));
    EXPECT_TRUE(at("drop")->got().empty());
    EXPECT_EQ(outlets->past()->evidence(), note(21));
}

TEST_F(SomeOutlets, one_that_stays_goes_on_and_a_new_one_begins_with_the_newest) {
    use({"first"});
    offer(7);
    ASSERT_TRUE(comes_true([&] { return state("first").size == 7; }));
    use({"first", "second"});
    ASSERT_TRUE(comes_true([&] { return state("second").size == 7; }));
    EXPECT_EQ(at("first")->got(), std::vector<std::uint64_t>{7}) << "it was not begun again";
    use({"second"});
    EXPECT_EQ(outlets->states().size(), 1u);
}

TEST_F(SomeOutlets, hand_on_what_a_witness_has_signed_and_bring_it_to_where_all_is_kept) {
    at("witness")->all = false;
    at("witness")->answer = Cosignatures{3, {}, "lines"};
    use({"drop", "witness"});
    offer(3);
    std::vector<Cosignatures> taken;
    ASSERT_TRUE(comes_true([&] {
        for (auto& c : outlets->take_cosigned()) taken.push_back(c);
        return !taken.empty() && state("drop").size == 3;
    }));
    EXPECT_EQ(taken[0].lines, "lines");
    EXPECT_TRUE(outlets->take_cosigned().empty());
    outlets->offer_again({"cosigned note", 3});
    ASSERT_TRUE(comes_true([&] { return at("drop")->got().size() == 2; }));
    EXPECT_EQ(at("witness")->got().size(), 1u);
}

TEST_F(ALog, files_of_witnesses_that_are_no_good_are_told_and_keep_no_other_away) {
    std::filesystem::create_directory(folder.file("w"));
    const std::string good = *audit::verifier_key_as(audit::SignatureType::cosignature, "w/1", key.spki());
    const auto write = [&](const std::string& name, const std::string& text) { std::ofstream(folder.file("w") + "/" + name) << text; };
    write("good.toml", "url = \"http://127.0.0.1:1//\"\nkey = \"" + good + "\"\n");
    write("log-key.toml", "url = \"http://127.0.0.1:1\"\nkey = \"" + *audit::verifier_key("w/1", key.spki()) + "\"\n");
    write("no-key.toml", "url = \"http://127.0.0.1:1\"\n");
    write("no-url.toml", "key = \"" + good + "\"\n");
    write("more.toml", "url = \"http://127.0.0.1:1\"\nkey = \"" + good + "\"\nmore = 1\n");
    write("drop.toml", "url = \"http://127.0.0.1:1\"\nkey = \"" + good + "\"\n");
    write("readme", "hello");
    write("broken.toml", "=");
    write(".hidden", "=");
    std::vector<std::string> problems;
    const auto found = kmp::service::read_witnesses(folder.file("w"), problems);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].name, "good");
    EXPECT_EQ(found[0].url, "http://127.0.0.1:1");
    EXPECT_EQ(problems.size(), 7u);
    problems.clear();
    EXPECT_TRUE(kmp::service::read_witnesses(folder.file("nowhere"), problems).empty());
    EXPECT_TRUE(problems.empty());
}

TEST(witness_server, answers_its_two_requests_and_nothing_else) {
    kmp::service::WitnessServerOptions options;
    options.listen = "127.0.0.1:0";
    std::atomic<int> asked{0};
    options.add_checkpoint = [&](const std::string& body) { return ++asked, kmp::service::WitnessReply{409, "text/x.tlog.size", std::to_string(body.size()) + "\n"}; };
    options.newest = [](const std::string& hash) { return kmp::service::WitnessReply{200, "text/plain", hash}; };
    const auto server = kmp::service::WitnessServer::start(std::move(options));
    ASSERT_TRUE(server) << server.error().message;
    const std::string base_url = "http://" + (*server)->where(), hash(64, 'a');
    const std::atomic<bool> go_on{false};
    const auto exchange = [&](const std::string& path, const std::optional<std::string>& body) {
        auto reply = kmp::service::http_exchange(base_url + path, body, {}, go_on);
        EXPECT_TRUE(reply) << reply.error().message;
        return reply ? *reply : kmp::service::HttpReply{};
    };
    const auto conflict = exchange("/add-checkpoint", std::string(audit::kMaxAddCheckpoint, 'x'));
    EXPECT_EQ(conflict.status, 409);
    EXPECT_EQ(conflict.type, "text/x.tlog.size");
    EXPECT_EQ(conflict.body, std::to_string(audit::kMaxAddCheckpoint) + "\n");
    EXPECT_EQ(exchange("/add-checkpoint", std::string(audit::kMaxAddCheckpoint + 1, 'x')).status, 413);
    EXPECT_EQ(exchange("/add-checkpoint", std::nullopt).status, 405);
    EXPECT_EQ(exchange("/" + hash + "/checkpoint", std::nullopt).body, hash);
    EXPECT_EQ(exchange("/" + hash + "/checkpoint", "x").status, 405);
    for (const std::string& path : {std::string("/"), "/" + hash, "/" + hash + "a/checkpoint", std::string("/add-checkpoint/")}) EXPECT_EQ(exchange(path, std::nullopt).status, 404) << path;
    EXPECT_EQ(asked, 1);
    for (const char* wrong : {"nowhere", "127.0.0.1", "127.0.0.1:99999", "192.0.2.1:7460"}) {
        kmp::service::WitnessServerOptions other;
        other.listen = wrong;
        EXPECT_FALSE(kmp::service::WitnessServer::start(std::move(other))) << wrong;
    }
}

TEST(http_client, gives_up_what_is_too_long_or_not_there) {
    kmp::service::WitnessServerOptions options;
    options.listen = "127.0.0.1:0";
    options.newest = [](const std::string&) { return kmp::service::WitnessReply{200, "text/plain", std::string(100000, 'x')}; };
    const auto server = kmp::service::WitnessServer::start(std::move(options));
    ASSERT_TRUE(server);
    const std::string url = "http://" + (*server)->where() + "/" + std::string(64, 'a') + "/checkpoint";
    const std::atomic<bool> go_on{false}, stop{true};
    EXPECT_EQ(kmp::service::http_exchange(url, std::nullopt, {}, go_on).error().code, Code::malformed);
    kmp::service::HttpLimits roomy;
    roomy.body = 100000;
    EXPECT_EQ(kmp::service::http_exchange(url, std::nullopt, roomy, go_on)->body.size(), 100000u);
    EXPECT_EQ(kmp::service::http_exchange("http://127.0.0.1:1/", std::nullopt, {}, go_on).error().code, Code::io_failed);
    EXPECT_EQ(kmp::service::http_exchange("file:///etc/passwd", std::nullopt, {}, go_on).error().code, Code::io_failed) << "no other protocol";
    EXPECT_EQ(kmp::service::http_exchange(url, std::nullopt, roomy, stop).error().code, Code::cancelled);
}

}  // namespace
