#include "wire/tlog_proof.h"

#include "base/bytes.h"

namespace wire {

std::string tlog_proof(std::uint64_t index, const pb::ProveReply& proved) {
    const auto base64 = [](const std::string& bytes) { return base::to_base64(base::as_bytes(bytes)); };
    std::string out = "c2sp.org/tlog-proof@v1\nextra " + base64(proved.leaf_hash()) + "\nindex " + std::to_string(index) + "\n";
    for (const std::string& hash : proved.proof()) out += base64(hash) + "\n";
    return out + "\n" + proved.checkpoint();
}

}  // namespace wire
