<#
.SYNOPSIS
Makes the help file that Get-Help reads out of the Markdown pages in docs/en-US. It needs Microsoft.PowerShell.PlatyPS 1.0.

.DESCRIPTION
PlatyPS leaves Markdown in its help file as it stands, code fences and links included, and everything of an example in its introduction.
This script sorts that out, so that the help reads well in a console. The same pages always give the same bytes.

.PARAMETER OutputFolder
Where K3sToken.PowerShell.dll-Help.xml goes.
#>
[CmdletBinding()]
param(
    [string] $OutputFolder = "$PSScriptRoot/../en-US"
)

$ErrorActionPreference = 'Stop'
Import-Module Microsoft.PowerShell.PlatyPS -MinimumVersion 1.0

$Indent = '    '
$CommentWidth = 76
$Maml = 'http://schemas.microsoft.com/maml/2004/10'
$Dev = 'http://schemas.microsoft.com/maml/dev/2004/10'

# What a console shows of Markdown: no marks around code, and a link as its text and its address.
function ConvertTo-ConsoleText([string] $Markdown) {
    $Markdown -replace '\[([^\]]+)\]\((https?://[^)]+)\)', '$1 ($2)' -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '`([^`]+)`', '$1'
}

# The paragraphs of a text. Each is one line, for consoles of any width; each entry of a list is a line of its own.
function ConvertTo-Paragraph([string] $Markdown) {
    foreach ($paragraph in $Markdown.Trim() -split '\n\s*\n') {
        ConvertTo-ConsoleText ($paragraph.Trim() -replace '\n(?!\s*(-|\d+\.) )\s*', ' ')
    }
}

# The blocks of an example in their order: Kind is '' for text, or what stands behind the fence.
function Get-Block([string] $Markdown) {
    $kind = ''
    $lines = [Collections.Generic.List[string]]::new()
    foreach ($line in $Markdown.Split("`n") + '```') {
        if ($line -match '^```(?<next>\w*)') {
            $text = ($lines -join "`n").Trim("`n")
            if ($text) {
                [pscustomobject]@{ Kind = $kind; Text = $text }
            }
            $kind = $Matches.next
            $lines.Clear()
        }
        else {
            $lines.Add($line)
        }
    }
}

# A text as lines of comment.
function ConvertTo-Comment([string] $Markdown) {
    $lines = foreach ($paragraph in ConvertTo-Paragraph $Markdown) {
        $line = '#'
        foreach ($word in $paragraph -split '\s+') {
            if ($line.Length + 1 + $word.Length -gt $CommentWidth) {
                $line
                $line = '#'
            }
            $line += " $word"
        }
        $line
    }
    $lines -join "`n"
}

function Get-Text($Element) {
    # PlatyPS puts a control character where a line stays empty.
    @($Element.SelectNodes('*[local-name() = "para"]').InnerText | Where-Object { $_ -cne [string] [char] 0x80 }) -join "`n`n"
}

function Set-Paragraph($Element, [string[]] $Texts) {
    $Element.RemoveAll()
    foreach ($text in $Texts) {
        $paragraph = $Element.OwnerDocument.CreateElement('maml', 'para', $Maml)
        $paragraph.InnerText = $text
        $null = $Element.AppendChild($paragraph)
    }
}

# Help keeps spaces and line ends in the code of an example only. So all goes there: what it shows indented, and the text between as
# comment. What is said at the end stands below.
function Format-Example($Example) {
    $blocks = @(Get-Block (Get-Text $Example.introduction))
    $last = if ($blocks[-1].Kind -eq '') { $blocks[-1].Text }
    $code = foreach ($block in $blocks | Select-Object -First ($blocks.Count - [int] [bool] $last)) {
        switch ($block.Kind) {
            '' { ConvertTo-Comment $block.Text }
            'Output' { ($block.Text -replace '(?m)^(?=.)', $Indent) + "`n" }
            default { $block.Text + "`n" }
        }
    }
    Set-Paragraph $Example.SelectSingleNode('*[local-name() = "introduction"]')
    $Example.SelectSingleNode('*[local-name() = "code"]').InnerText = ($code -join "`n").TrimEnd()
    Set-Paragraph $Example.SelectSingleNode('*[local-name() = "remarks"]') @(if ($last) { ConvertTo-Paragraph $last })
}

# PlatyPS leaves the default values of the pages out.
function Add-DefaultValue($Command, $Page) {
    foreach ($parameter in $Command.SelectNodes('*[local-name() = "parameters"]/*')) {
        $default = ($Page.Parameters | Where-Object Name -EQ $parameter.SelectSingleNode('*[local-name() = "name"]').InnerText).DefaultValue
        if ($default) {
            $element = $Command.OwnerDocument.CreateElement('dev', 'defaultValue', $Dev)
            $element.InnerText = $default
            $null = $parameter.AppendChild($element)
        }
    }
}

# A link to another page is a name for Get-Help; only the web has addresses.
function Format-Link($Link) {
    $uri = $Link.SelectSingleNode('*[local-name() = "uri"]')
    if (-not $uri.InnerText) {
        $null = $Link.ParentNode.RemoveChild($Link)
    }
    elseif ($uri.InnerText -notlike 'https:*') {
        $uri.InnerText = ''
    }
}

function Format-Help([xml] $Document, $Pages) {
    foreach ($command in @($Document.DocumentElement.ChildNodes)) {
        $name = $command.SelectSingleNode('*[local-name() = "details"]/*[local-name() = "name"]').InnerText
        Add-DefaultValue $command ($Pages | Where-Object Title -EQ $name)
        foreach ($example in $command.SelectNodes('.//*[local-name() = "example"]')) {
            Format-Example $example
        }
        foreach ($text in $command.SelectNodes('.//*[local-name() = "description" or local-name() = "alert"][*]')) {
            Set-Paragraph $text @(ConvertTo-Paragraph (Get-Text $text))
        }
        foreach ($link in @($command.SelectNodes('.//*[local-name() = "navigationLink"]'))) {
            Format-Link $link
        }
    }
}

$work = Join-Path ([IO.Path]::GetTempPath()) "k3stoken-help-$([guid]::NewGuid())"
try {
    $pages = Import-MarkdownCommandHelp -Path (Get-ChildItem "$PSScriptRoot/en-US/*.md" | Sort-Object Name).FullName
    $file = $pages | Export-MamlCommandHelp -OutputFolder $work
    $document = [xml]::new()
    $document.Load($file.FullName)
    Format-Help $document $pages

    $settings = [Xml.XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n"; Encoding = [Text.UTF8Encoding]::new($false) }
    $null = New-Item $OutputFolder -ItemType Directory -Force
    $path = Join-Path (Resolve-Path $OutputFolder).ProviderPath $file.Name
    $writer = [Xml.XmlWriter]::Create($path, $settings)
    $document.Save($writer)
    $writer.Dispose()
    Get-Item $path
}
finally {
    Remove-Item $work -Recurse -ErrorAction Ignore
}
