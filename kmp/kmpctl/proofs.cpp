#include <nlohmann/json.hpp>

#include "audit/checkpoint.h"
#include "base/fd.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"

namespace kmp::kmpctl {
base::Status prove(Officer& officer, const ProveArguments& arguments) {
    wire::pb::AdminRequest request;
    auto& asked = *request.mutable_audit_prove();
    asked.set_index(arguments.index.value_or(0));
    if (!arguments.since.empty()) {
        KMP_TRY(const std::string note, audit::kept_checkpoint(arguments.since));
        asked.set_checkpoint(note);
    }
    KMP_TRY(const wire::pb::AdminReply reply, officer.ask(std::move(request)));
    const std::string& file = reply.audit_prove().file();
    if (arguments.output.empty()) return officer.show(nlohmann::ordered_json(), file);
    KMP_CHECK(base::write_file_atomically(arguments.output, base::as_bytes(file), 0644));
    return officer.show({{"file", arguments.output}, {"bytes", file.size()}},
                        "The proof is in " + arguments.output + ": kmp-audit verify-proof " + arguments.output + " --key KEY checks it anywhere, with the key that 'kmpctl audit checkpoint --key' prints.\n");
}

}  // namespace kmp::kmpctl
