// The tables of `bench --mapping`, to stdout.
#pragma once

namespace lt::bench {

void measure_reference(int rounds);   // the reference dossier beside RapidJSON, libxml2, libxslt
void measure_groups(int rounds);      // 10,000 repeated groups beside 1,000
void measure_attachment(int rounds);  // one attachment inside the document: memory and bytes per second

}  // namespace lt::bench
