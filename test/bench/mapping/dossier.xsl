<?xml version="1.0"?>
<!-- dossier-json-to-xml the other way round, to XML with the names of the JSON document: the same fields in the same order. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:hs="urn:vn:gov:hoso:1.2" exclude-result-prefixes="hs">
  <xsl:output encoding="UTF-8"/>
  <xsl:template match="/hs:Message">
    <message>
      <messageId><xsl:value-of select="hs:MessageId"/></messageId>
      <version><xsl:value-of select="hs:Version"/></version>
      <sentAt><xsl:value-of select="hs:SentAt"/></sentAt>
      <xsl:for-each select="hs:Sender"><sender>
        <code><xsl:value-of select="hs:Code"/></code>
        <name><xsl:value-of select="hs:Name"/></name>
        <system><xsl:value-of select="hs:System"/></system>
      </sender></xsl:for-each>
      <xsl:for-each select="hs:Receiver"><receiver>
        <code><xsl:value-of select="hs:Code"/></code>
        <name><xsl:value-of select="hs:Name"/></name>
        <system><xsl:value-of select="hs:System"/></system>
      </receiver></xsl:for-each>
      <xsl:for-each select="hs:Dossier"><dossier>
        <code><xsl:value-of select="hs:Code"/></code>
        <procedureCode><xsl:value-of select="hs:ProcedureCode"/></procedureCode>
        <procedureName><xsl:value-of select="hs:ProcedureName"/></procedureName>
        <field><xsl:value-of select="hs:Field"/></field>
        <receivedAt><xsl:value-of select="hs:ReceivedAt"/></receivedAt>
        <dueAt><xsl:value-of select="hs:DueAt"/></dueAt>
        <state><xsl:value-of select="hs:State"/></state>
        <stateName><xsl:value-of select="hs:StateName"/></stateName>
        <priority><xsl:value-of select="hs:Priority"/></priority>
        <online><xsl:value-of select="hs:Online"/></online>
        <fee><xsl:value-of select="hs:Fee"/></fee>
        <paid><xsl:value-of select="hs:Paid"/></paid>
        <note><xsl:value-of select="hs:Note"/></note>
      </dossier></xsl:for-each>
      <xsl:for-each select="hs:Applicant"><applicant>
        <fullName><xsl:value-of select="hs:FullName"/></fullName>
        <idNumber><xsl:value-of select="hs:IdNumber"/></idNumber>
        <dob><xsl:value-of select="hs:Dob"/></dob>
        <gender><xsl:value-of select="hs:Gender"/></gender>
        <nationality><xsl:value-of select="hs:Nationality"/></nationality>
        <phone><xsl:value-of select="hs:Phone"/></phone>
        <email><xsl:value-of select="hs:Email"/></email>
        <xsl:for-each select="hs:Address"><address>
          <line><xsl:value-of select="hs:Line"/></line>
          <wardCode><xsl:value-of select="hs:WardCode"/></wardCode>
          <ward><xsl:value-of select="hs:Ward"/></ward>
          <districtCode><xsl:value-of select="hs:DistrictCode"/></districtCode>
          <district><xsl:value-of select="hs:District"/></district>
          <provinceCode><xsl:value-of select="hs:ProvinceCode"/></provinceCode>
          <province><xsl:value-of select="hs:Province"/></province>
        </address></xsl:for-each>
      </applicant></xsl:for-each>
      <xsl:for-each select="hs:Steps/hs:Step"><steps>
        <seq><xsl:value-of select="hs:Seq"/></seq>
        <unit><xsl:value-of select="hs:Unit"/></unit>
        <officer><xsl:value-of select="hs:Officer"/></officer>
        <from><xsl:value-of select="hs:From"/></from>
        <result><xsl:value-of select="hs:Result"/></result>
      </steps></xsl:for-each>
      <xsl:for-each select="hs:Attachments/hs:Attachment"><attachments>
        <id><xsl:value-of select="hs:Id"/></id>
        <name><xsl:value-of select="hs:Name"/></name>
        <mime><xsl:value-of select="hs:Mime"/></mime>
        <size><xsl:value-of select="hs:Size"/></size>
        <sha256><xsl:value-of select="hs:Sha256"/></sha256>
      </attachments></xsl:for-each>
    </message>
  </xsl:template>
</xsl:stylesheet>
