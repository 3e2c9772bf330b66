// docs/PROTOCOL.md is held to the schema: what the schema can say, the document explains.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/ids.h"
#include "tests/wire/fake_service.h"
#include "tests/wire/run_program.h"
#include "wire/client.h"
#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/pin_frame.h"

namespace pb = wire::pb;
using google::protobuf::Descriptor;

namespace {

const std::string& document() {
    static const std::string text = base::to_string(*base::read_file(KMP_SOURCE_DIR "/docs/PROTOCOL.md", 1 << 20));
    return text;
}

/// The part of the document from a heading to the next one of the same or a higher level; empty when there is no such heading.
std::string section(const std::string& heading) {
    const std::size_t at = document().find("\n" + heading + "\n");
    if (at == std::string::npos) return {};
    const std::size_t hashes = heading.find(' ');
    std::size_t end = at + heading.size() + 1;
    for (;;) {
        end = document().find("\n#", end + 1);
        if (end == std::string::npos) return document().substr(at);
        const std::size_t level = document().find_first_not_of('#', end + 1) - end - 1;
        if (level <= hashes) return document().substr(at, end - at);
    }
}

/// Every operation of a request's oneof has a heading "### name", and under it every field of request and reply.
void check_operations(const Descriptor* request, const Descriptor* reply, const std::string& chapter) {
    const std::string part = section(chapter);
    ASSERT_NE(part, "") << chapter;
    const auto* operations = request->FindOneofByName("operation");
    for (int i = 0; i < operations->field_count(); ++i) {
        const auto* operation = operations->field(i);
        if (operation->name() == "pin" || operation->name() == "hello") continue;  // common to both, chapters of their own
        const std::string heading = "### " + operation->name();
        const std::size_t at = part.find("\n" + heading + "\n");
        ASSERT_NE(at, std::string::npos) << chapter << " says nothing of " << operation->name();
        const std::string text = part.substr(at, part.find("\n### ", at + 1) - at);
        // Some operations answer as another does, and say so.
        const auto* own = reply->FindFieldByName(operation->name());
        std::vector<const Descriptor*> messages{operation->message_type()};
        if (own != nullptr) messages.push_back(own->message_type());
        else EXPECT_TRUE(text.find("reply is that of") != std::string::npos) << operation->name() << " has no reply of its name, and does not say whose it is";
        for (const Descriptor* message : messages)
            for (int f = 0; f < message->field_count(); ++f)
                EXPECT_NE(text.find("`" + message->field(f)->name()), std::string::npos) << operation->name() << " does not explain the field " << message->field(f)->name();
        EXPECT_NE(text.find("Who:"), std::string::npos) << operation->name() << " does not say who may call it";
        EXPECT_NE(text.find("Errors:"), std::string::npos) << operation->name() << " does not name its errors";
        EXPECT_NE(text.find("Log:"), std::string::npos) << operation->name() << " does not say what the log records";
    }
}

}  // namespace

TEST(protocol_document, explains_every_operation_of_the_station_socket) {
    check_operations(pb::StationRequest::descriptor(), pb::StationReply::descriptor(), "## 3. kmp.sock: stations");
}

TEST(protocol_document, explains_every_operation_of_the_admin_socket) {
    check_operations(pb::AdminRequest::descriptor(), pb::AdminReply::descriptor(), "## 4. admin.sock: officers");
}

TEST(protocol_document, describes_no_operation_that_is_not_there) {
    std::set<std::string> known;
    for (const Descriptor* request : {pb::StationRequest::descriptor(), pb::AdminRequest::descriptor()})
        for (int i = 0; i < request->FindOneofByName("operation")->field_count(); ++i) known.insert(request->FindOneofByName("operation")->field(i)->name());
    for (std::size_t at = document().find("\n### "); at != std::string::npos; at = document().find("\n### ", at + 1)) {
        const std::string name = document().substr(at + 5, document().find('\n', at + 1) - at - 5);
        if (name.find_first_of(". ") == std::string::npos) {
            EXPECT_TRUE(known.contains(name)) << name;
        }
    }
}

TEST(protocol_document, names_every_error_code) {
    const std::string part = section("## 5. Error codes");
    for (unsigned c = 0; c <= static_cast<unsigned>(base::Code::internal); ++c)
        EXPECT_NE(part.find("`" + std::string(base::name(static_cast<base::Code>(c))) + "`"), std::string::npos) << base::name(static_cast<base::Code>(c));
}

TEST(protocol_document, gives_the_limits_that_the_code_has) {
    EXPECT_NE(section("### 1.1 Frames").find(std::to_string(wire::kMaxFrame)), std::string::npos);
    EXPECT_NE(section("### 1.3 PIN entry").find("1 to " + std::to_string(wire::kMaxPin) + " bytes"), std::string::npos);
    EXPECT_NE(section("### 1.2 Hello").find("version " + std::to_string(wire::kProtocolVersion)), std::string::npos);
}

TEST(protocol_document, has_an_example_that_speaks_the_protocol) {
    const std::string page = section("## 6. A client on one page");
    const std::size_t begin = page.find("```python\n") + 10;
    const tests::TemporaryFolder folder;
    tests::spill(folder.path() + "/example.py", page.substr(begin, page.find("```\n", begin) - begin) +
                                                     "\nmain('kmp.sock', 'U-0001', b'246810', 202611220001, 4711, bytes.fromhex('c0c1c2c3'))\n");
    bool busy = true;
    tests::FakeStationService service(folder.path() + "/kmp.sock", [&](const pb::StationRequest& r) {
        tests::FakeStationService::Answer answer;
        auto& reply = answer.replies.emplace_back();
        if (r.has_hello()) reply.mutable_hello()->set_version(1);
        if (r.has_open_session()) reply.mutable_open_session()->set_holder("shop-7");
        if (r.has_authenticate()) reply.mutable_authenticate()->set_k1("\x01\x02");
        if (r.has_order() && std::exchange(busy, false)) {
            reply.mutable_failure()->set_code("busy");
            reply.mutable_failure()->set_retry_after_ms(1);
        } else if (r.has_order()) {
            reply.mutable_order()->set_order_id(r.order().order_id());
            reply.mutable_order()->set_purchase_count(17);
        }
        return answer;
    });
    const std::string command = "cd " + folder.path() + " && exec >out 2>&1; protoc --python_out=. -I " KMP_SOURCE_DIR " wire/kmp.proto && /usr/bin/python3 example.py";
    const int status = std::system(command.c_str());
    const std::string out = tests::slurp(folder.path() + "/out");
    ASSERT_EQ(status, 0) << out;
    EXPECT_NE(out.find("of shop-7"), std::string::npos) << out;
    EXPECT_NE(out.find("count 17"), std::string::npos) << out;
    EXPECT_EQ(service.pins(), std::vector<std::string>{"ukey:246810"});
    EXPECT_EQ(service.requests().at(1).open_session().ukey(), "U-0001");
    const auto orders = service.requests();
    EXPECT_EQ(orders.back().order().amount_fen(), 5000);
    EXPECT_TRUE(base::Uuid::from_bytes(base::as_bytes(orders.back().order().order_id())));
}
