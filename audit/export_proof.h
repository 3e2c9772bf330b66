#pragma once
#include "audit/export_parser.h"
#include "audit/proof_file.h"

namespace audit {

struct ExportedProof {
    ProofFile file;
    VerifierKey key;  ///< that of the export's checkpoint certificate
};

/// The proof that record `index` is in the log, under the checkpoint of an export: for a third party that is to see no more than this one record. One pass, in flat memory.
/// It judges neither signatures nor rules: verify_export does that.
/// errors: not_found (the export does not hold the record); malformed; tampered (the records have not the root that the checkpoint says); those of the source
base::Result<ExportedProof> prove_from_export(const ByteSource& source, std::uint64_t index);

}  // namespace audit
