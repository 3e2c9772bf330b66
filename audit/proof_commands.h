#pragma once
#include <string>
#include <vector>

#include "audit/verifier.h"

/// What kmp-audit does with single proofs. Each prints its outcome, or says why not.
namespace audit {

struct ProofArguments {
    std::vector<std::string> keys;  ///< verifier keys, or files with one each
    std::string leaf;               ///< hex; empty: any record
    std::uint64_t index = 0;
    std::string output;             ///< empty: standard output
};

/// Either kind of proof file, by its first line.
base::Status verify_proof_command(const std::string& file, const ProofArguments& arguments, bool json);
/// One event's proof, out of an export.
base::Status prove_command(const ByteSource& source, const ProofArguments& arguments, bool json);

}  // namespace audit
