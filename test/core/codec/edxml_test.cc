#include "core/codec/edxml.h"

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/codec/xml.h"
#include "core/message/tree.h"

using namespace lt;
using codec::plan_trace_header;

namespace {

constexpr auto kNs = R"(xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016")";
const Wall kAt{std::chrono::milliseconds(1'795'138'200'123)};  // 2026-11-20T08:30:00.123+07:00

std::string file(const std::string& after_message_header,
                 const std::string& in_message_header = "<edXML:Subject>a</edXML:Subject>") {
  return std::string("<?xml version=\"1.0\"?><edXML><edXML:edXMLEnvelope ") + kNs +
         "><edXML:edXMLHeader><edXML:MessageHeader>" + in_message_header + "</edXML:MessageHeader>" +
         after_message_header + "</edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>";
}

std::string apply(const std::string& text) {
  auto plan = plan_trace_header(text, "H49", kAt);
  REQUIRE(plan.has_value());
  if (!*plan) return text;
  return text.substr(0, (*plan)->offset) + (*plan)->text + text.substr((*plan)->offset + (*plan)->removed);
}

const std::string kHop =
    "<edXML:TraceHeader><edXML:OrganId>H49</edXML:OrganId><edXML:Timestamp>2026/11/20 "
    "08:30:00</edXML:Timestamp></edXML:TraceHeader>";

}  // namespace

TEST_CASE("our hop goes after the last one, wherever Bussiness stands") {
  const std::string other = "<edXML:TraceHeader><edXML:OrganId>null</edXML:OrganId></edXML:TraceHeader>";
  const std::string bussiness = "<edXML:Bussiness><edXML:Paper>0</edXML:Paper></edXML:Bussiness>";
  CHECK(apply(file("<edXML:TraceHeaderList>" + bussiness + other + "</edXML:TraceHeaderList>")) ==
        file("<edXML:TraceHeaderList>" + bussiness + other + kHop + "</edXML:TraceHeaderList>"));
  CHECK(apply(file("<edXML:TraceHeaderList>" + other + bussiness + "</edXML:TraceHeaderList>")) ==
        file("<edXML:TraceHeaderList>" + other + kHop + bussiness + "</edXML:TraceHeaderList>"));
  CHECK(apply(file("<edXML:TraceHeaderList>" + bussiness + "</edXML:TraceHeaderList>")) ==
        file("<edXML:TraceHeaderList>" + kHop + bussiness + "</edXML:TraceHeaderList>"));
}

TEST_CASE("a document without a list gets one, an empty list is filled") {
  const std::string list = "<edXML:TraceHeaderList>" + kHop + "</edXML:TraceHeaderList>";
  CHECK(apply(file("")) == file(list));
  CHECK(apply(file("<edXML:TraceHeaderList/>")) == file(list));
}

TEST_CASE("a prefix that an element declares for itself is known to our hop too") {
  const std::string declared = " xmlns:m='urn:m'",
                    inner = "<m:OrganId>H49</m:OrganId><m:Timestamp>2026/11/20 08:30:00</m:Timestamp>";
  const std::string hop = "<m:TraceHeader>" + inner + "</m:TraceHeader>";
  const auto with = [&](const std::string& message_header, const std::string& after) {
    return "<edXML:edXML xmlns:edXML='urn:e'><edXML:edXMLEnvelope><edXML:edXMLHeader>" + message_header + after +
           "</edXML:edXMLHeader></edXML:edXMLEnvelope></edXML:edXML>";
  };
  const auto well_formed = [](const std::string& text) {
    Tree tree;
    return codec::parse_xml(text, tree).has_value();
  };
  const std::string header = "<m:MessageHeader a=\"x\"" + declared + "><m:From/></m:MessageHeader>";
  const std::string alone = apply(with(header, ""));
  CHECK(alone == with(header, "<m:TraceHeaderList" + declared + ">" + hop + "</m:TraceHeaderList>"));
  CHECK(well_formed(alone));
  const std::string plain = "<edXML:MessageHeader/><edXML:MessageHeader></edXML:MessageHeader>";
  const std::string empty = apply(with(plain, "<m:TraceHeaderList" + declared + " b='1'/>"));
  CHECK(empty == with(plain, "<m:TraceHeaderList" + declared + " b='1'>" + hop + "</m:TraceHeaderList>"));
  CHECK(well_formed(empty));
  // The list first, then a header whose prefix the list does not know.
  const std::string list = "<edXML:TraceHeaderList>" + kHop + "</edXML:TraceHeaderList>";
  const std::string before = apply(with(list + header, ""));
  CHECK(before == with("<edXML:TraceHeaderList>" + kHop + kHop + "</edXML:TraceHeaderList>" + header, ""));
  CHECK(well_formed(before));
}

TEST_CASE("no hop where a signature covers the header, none on a status message") {
  const std::string list = "<edXML:TraceHeaderList><edXML:TraceHeader/></edXML:TraceHeaderList>";
  const auto signed_file = file(list + "<Signature><SignedInfo/><SignatureValue>AAAA</SignatureValue></Signature>");
  CHECK(apply(signed_file) == signed_file);
  const auto empty_signature = file(list + "<Signature><DigitalSignature/></Signature>");
  CHECK(apply(empty_signature) != empty_signature);
  const auto status = file("", "<edXML:StatusCode>01</edXML:StatusCode>");
  CHECK(apply(status) == status);
}

TEST_CASE("tags inside comments, CDATA and attribute values are not tags") {
  const auto text = file(
      "<!-- <edXML:TraceHeaderList> --><edXML:TraceHeaderList id=\"a>b\"><edXML:TraceHeader/></edXML:TraceHeaderList>",
      "<edXML:Subject><![CDATA[</edXML:MessageHeader>]]></edXML:Subject>");
  const auto out = apply(text);
  CHECK(out.find("<edXML:TraceHeader/>" + kHop + "</edXML:TraceHeaderList>") != std::string::npos);
}

TEST_CASE("a header that does not end is an error, not a guess") {
  const auto whole = file("<edXML:TraceHeaderList/>");
  for (size_t cut = 0; cut < whole.find("</edXML:edXMLHeader>"); ++cut) {
    auto plan = plan_trace_header(std::string_view(whole).substr(0, cut), "H49", kAt);
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().code == Code::bad_xml);
  }
}

TEST_CASE("dialects come to one shape") {
  Tree tree;
  Node* root = tree.make(Kind::object, "edXML");
  tree.set_root(root);
  Node* envelope = tree.add(root, Kind::object, "EdXMLEnvelope");
  Node* header = tree.add(envelope, Kind::object, "EdXMLHeader");
  Node* message = tree.add(header, Kind::object, "MessageHeader");
  tree.add(message, Kind::text, "StatusCode")->text = "3";
  Node* business = tree.add(header, Kind::object, "Business");
  tree.add(business, Kind::text, "BusinessDocType")->text = "0";
  tree.add(root, Kind::text, "ContentId")->text = "cid:x";
  REQUIRE(codec::canonicalise_edxml(tree).has_value());
  CHECK(codec::is_edxml_status(tree.root()));
  const Node* seen = tree.root()->find("edXMLEnvelope")->find("edXMLHeader");
  CHECK(seen->find("MessageHeader")->find("StatusCode")->text == "03");
  CHECK(seen->find("Bussiness")->find("BussinessDocType")->text == "0");
  CHECK(tree.root()->find("ContentId")->text == "x");
}

TEST_CASE("what is no edXML is refused") {
  Tree tree;
  tree.set_root(tree.make(Kind::object, "Envelope"));
  auto refused = codec::canonicalise_edxml(tree);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::bad_xml);
}
