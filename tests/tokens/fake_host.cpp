// A tokenhost that misbehaves on request, to stand for modules that hang, crash or lie. What it does stands in a file of lines
// `name=value`: FOLDER/fake.txt for --kind softhsm, the module's own file for --kind pkcs11. It is read again for every request,
// and the last reading stands when it is gone: pulled out while the host works.
//   start=die        ends before it serves
//   probe=hang|die|rubbish|wrong-id|unanswerable      what a Probe meets
//   random=hang|die|rubbish|wrong-id|unanswerable|failure|slow    what a DataRandom meets
//   ukey=SERIAL      the token is initialised and ours; foreign=yes: initialised, not ours; absent=yes: no token
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include "tokens/host/frame.h"

namespace {

namespace host = tokens::host;
namespace pb = tokens::host::pb;
constexpr int kSocket = 3;

std::map<std::string, std::string> read_orders(const std::string& path) {
    static std::map<std::string, std::string> last;
    std::map<std::string, std::string> out;
    std::ifstream in(path);
    if (!in) return last;
    for (std::string line; std::getline(in, line);)
        if (const auto at = line.find('='); at != std::string::npos) out[line.substr(0, at)] = line.substr(at + 1);
    return last = out;
}

void send(const pb::HostReply& reply, std::span<const host::RoleSecret> secrets) {
    base::Bytes out;
    if (!host::append_frames(out, reply, secrets)) std::exit(70);
    for (std::size_t at = 0; at < out.size();) {
        const ssize_t n = write(kSocket, out.data() + at, out.size() - at);
        if (n <= 0) std::exit(0);
        at += static_cast<std::size_t>(n);
    }
}

/// Does what the order says; true when an answer is still due.
bool misbehave(const std::string& order, pb::HostReply& reply) {
    if (order == "die") _exit(9);
    if (order == "hang")
        for (;;) pause();
    if (order == "rubbish") {
        const char rubbish[] = "\xff\xff\xff\xff these are not frames";
        if (write(kSocket, rubbish, sizeof rubbish) < 0) _exit(1);
        return false;
    }
    if (order == "wrong-id") reply.set_id(reply.id() + 1000);
    if (order == "unanswerable") {
        reply.clear_result();
        send(reply, {});
        return false;
    }
    if (order == "failure") {
        reply.mutable_failure()->set_code("key_missing");
        reply.mutable_failure()->set_message("there is no such key");
        reply.mutable_failure()->set_raw(96);
    }
    if (order == "slow") std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return true;
}

void answer(std::map<std::string, std::string> orders, pb::HostRequest request, std::vector<host::RoleSecret> secrets) {
    pb::HostReply reply;
    reply.set_id(request.id());
    std::vector<host::RoleSecret> out;
    std::string order;
    if (request.has_probe()) {
        auto& probe = *reply.mutable_probe();
        probe.set_present(orders["absent"].empty());
        probe.set_initialised(!orders["ukey"].empty() || !orders["foreign"].empty());
        probe.set_ukey(orders["ukey"]);
        probe.set_token_serial(orders["token_serial"]);
        order = orders["probe"];
    } else if (request.has_data_random()) {
        reply.mutable_data_random()->set_data(std::string(request.data_random().size(), 'r'));
        order = orders["random"];
    } else if (request.has_pepper()) {
        // Gives the secret back, so that a test sees that secrets travel both ways.
        reply.mutable_done();
        if (auto stretched = host::take_secret(secrets, pb::STRETCHED)) out.push_back({pb::PEPPERED, std::move(*stretched)});
    } else {
        reply.mutable_done();
        order = orders["other"];
    }
    if (misbehave(order, reply)) send(reply, out);
}

}  // namespace

int main(int argc, char** argv) {
    std::string orders;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::string(argv[i]) == "--path") orders = std::string(argv[i + 1]) + "/fake.txt";
        if (std::string(argv[i]) == "--module") orders = argv[i + 1];
    }
    if (read_orders(orders)["start"] == "die") return 7;
    host::FrameReader reader;
    for (;;) {
        const auto room = reader.room();
        const ssize_t n = read(kSocket, room.data(), room.size());
        if (n <= 0) return 0;
        reader.received(static_cast<std::size_t>(n));
        for (;;) {
            auto next = reader.next();
            if (!next) return 1;
            if (!*next) break;
            pb::HostRequest request;
            if (!request.ParseFromArray((*next)->payload.data(), static_cast<int>((*next)->payload.size()))) return 1;
            answer(read_orders(orders), std::move(request), std::move((*next)->secrets));
        }
    }
}
