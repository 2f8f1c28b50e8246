# The help is that of the code: what Get-Help says of a cmdlet, and what the pages say that it is made of.
BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $commands = Get-Command -Module K3sToken | ForEach-Object { @{ Name = $_.Name } }
    $parameters = Get-Command -Module K3sToken | ForEach-Object {
        $command = $_
        $_.Parameters.Values | Where-Object { $_.Name -notin [Management.Automation.Cmdlet]::CommonParameters } | Where-Object {
            -not $_.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow }
        } | ForEach-Object { @{ Name = $command.Name; Parameter = $_.Name } }
    }
    $pages = Get-ChildItem "$PSScriptRoot/../../docs/en-US/*.md" | ForEach-Object { @{ File = $_.Name; Path = $_.FullName } }
    $topics = Get-ChildItem "$PSScriptRoot/../../en-US/about_*.help.txt" | ForEach-Object { @{ Topic = $_.Name -replace '\.help\.txt$' } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Examples.ps1
    $root = (Resolve-Path "$PSScriptRoot/../..").ProviderPath
    $topics = (Get-ChildItem "$root/en-US/about_*.help.txt").Name -replace '\.help\.txt$'
    $common = [Management.Automation.Cmdlet]::CommonParameters

    # Parameters that people see.
    function Get-VisibleParameter([string] $Name) {
        (Get-Command $Name).Parameters.Values | Where-Object {
            $_.Name -notin $common -and -not $_.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow }
        }
    }

    # Where a value comes from if nobody gives it, as the code has it; null where the code says nothing.
    function Get-CodeDefault([string] $Name, [string] $Parameter) {
        $type = (Get-Command $Name).ImplementingType
        $property = $type.GetProperty($Parameter)
        if (-not $property) {
            return 'False' # -WhatIf and -Confirm
        }

        $cmdlet = [Activator]::CreateInstance($type)
        try {
            $value = $property.GetValue($cmdlet)
        }
        finally {
            if ($cmdlet -is [IDisposable]) { $cmdlet.Dispose() }
        }

        if ($value -is [timespan]) { '{0}m' -f $value.TotalMinutes } elseif ($value -is [array]) { $value -join ', ' } else { "$value" }
    }

    # All texts of a part of the help.
    function Get-HelpText($Part) {
        @($Part | ForEach-Object { $_.Text }) -join "`n"
    }

    # Without the marks of Markdown and of comments, and without spaces and line ends.
    function ConvertTo-Bare([string] $Text) {
        $plain = $Text -replace '\[([^\]]+)\]\((https?://[^)]+)\)', '$1($2)' -replace '\[([^\]]+)\]\([^)]+\)', '$1'
        $plain -replace '[`#]|\s'
    }
}

Describe 'The help of <Name>' -ForEach $commands {
    BeforeAll {
        $help = Get-Help $Name -Full
        $page = Get-Content "$root/docs/en-US/$Name.md" -Raw
    }

    It 'says what it is for' {
        $help.Synopsis | Should -Match '^[A-Z].{20,120}\.( .*\.)?$'
        (Get-HelpText $help.description).Length | Should -BeGreaterThan 150
        (Get-HelpText $help.alertSet.alert).Length | Should -BeGreaterThan 20
    }

    It 'describes all parameters, and no others' {
        @($help.parameters.parameter.name | Sort-Object) | Should -Be @((Get-VisibleParameter $Name).Name | Sort-Object)
        $onPage = [regex]::Matches($page, '(?m)^### -(\w+)').ForEach{ $_.Groups[1].Value }
        $onPage | Sort-Object | Should -Be @($help.parameters.parameter.name | Sort-Object)
    }

    It 'shows the syntax that PowerShell knows' {
        $sets = (Get-Command $Name).ParameterSets
        $shown = @($help.syntax.syntaxItem)
        $shown.Count | Should -Be $sets.Count
        foreach ($set in $sets) {
            $expected = @($set.Parameters | Where-Object Name -In (Get-VisibleParameter $Name).Name | Sort-Object Name |
                ForEach-Object { "$($_.Name) $($_.IsMandatory) $(if ($_.Position -ge 0) { $_.Position })" })
            $same = $shown | Where-Object {
                $said = @($_.parameter | ForEach-Object { "$($_.name) $($_.required) $($_.position -replace '\D')" })
                -not (Compare-Object $expected $said)
            }
            $same | Should -Not -BeNullOrEmpty -Because "the help must show the set $($set.Name): $expected"
        }
        $syntax = [regex]::Match($page, '(?ms)^## SYNTAX\n(.*?)^## ').Groups[1].Value -replace '\s+', ' '
        foreach ($set in $sets) {
            $text = "$Name $set" -replace '\[\[?-(State|InputObject) <\w+>\] ?' -replace '\s+', ' '
            $syntax.Contains($text) | Should -BeTrue -Because "the page must show: $text"
        }
    }

    It 'names what it takes and what it writes' {
        $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty
        $help.inputTypes.inputType | ForEach-Object { (Get-HelpText $_.description).Length | Should -BeGreaterThan 3 }
        $written = $help.returnValues.returnValue.type.name
        (Get-Command $Name).OutputType.Name | ForEach-Object { $written | Should -Contain $_ }
        $help.returnValues.returnValue | ForEach-Object { (Get-HelpText $_.description).Length | Should -BeGreaterThan 3 }
    }

    It 'speaks of each property of what it writes' {
        $outputs = [regex]::Match($page, '(?ms)^## OUTPUTS\n(.*?)^## ').Groups[1].Value
        $inherited = switch -Regex ($outputs) {
            'see Get-K3sBootstrapToken|Get-K3sBootstrapToken writes' { [K3sToken.BootstrapToken].GetProperties().Name }
            'ConvertFrom-K3sToken writes' { [K3sToken.JoinToken].GetProperties().Name }
        }
        foreach ($type in (Get-Command $Name).OutputType.Type | Where-Object Namespace -EQ 'K3sToken') {
            foreach ($property in $type.GetProperties().Name | Where-Object { $_ -notin $inherited }) {
                $outputs | Should -MatchExactly "\b$property\b"
            }
        }
    }

    It 'names each value of the enumerations that it writes' {
        $all = Get-HelpText $help.returnValues.returnValue.description
        foreach ($type in (Get-Command $Name).OutputType.Type | Where-Object Namespace -EQ 'K3sToken') {
            foreach ($enumeration in $type.GetProperties().PropertyType | Where-Object IsEnum) {
                [enum]::GetNames($enumeration) | ForEach-Object { "$all $page" | Should -MatchExactly "\b$_\b" }
            }
        }
    }

    It 'has at least four examples, with a title' {
        $titles = @($help.examples.example.title)
        $titles.Count | Should -BeGreaterOrEqual 4
        foreach ($i in 1..$titles.Count) {
            $titles[$i - 1] | Should -Match "^-+ Example ${i}: \S.* -+$"
        }
    }

    It 'shows in the console what the page shows' {
        $texts = foreach ($example in $help.examples.example) {
            $example.code
            Get-HelpText $example.remarks
        }
        $section = [regex]::Match($page, '(?ms)^## EXAMPLES\n(.*?)^## ').Groups[1].Value -replace '(?m)^###.*$|^```\w*'
        ConvertTo-Bare ($texts -join "`n") | Should -BeExactly (ConvertTo-Bare $section)
        $prose = foreach ($part in 'SYNOPSIS', 'DESCRIPTION', 'NOTES') {
            ConvertTo-Bare ([regex]::Match($page, "(?ms)^## $part\n(.*?)^## ").Groups[1].Value)
        }
        ConvertTo-Bare $help.Synopsis | Should -BeExactly $prose[0]
        ConvertTo-Bare (Get-HelpText $help.description) | Should -BeExactly $prose[1]
        ConvertTo-Bare (Get-HelpText $help.alertSet.alert) | Should -BeExactly $prose[2]
    }

    It 'has links that lead somewhere' {
        foreach ($link in $help.relatedLinks.navigationLink) {
            if ($link.uri) {
                $link.uri | Should -Match '^https://docs\.k3s\.io/'
            }
            else {
                $link.linkText | Should -BeIn ((Get-Command -Module K3sToken).Name + $topics)
            }
        }
    }
}

Describe 'The help of the parameters' {
    It '-<Parameter> of <Name> is that of the code' -ForEach $parameters {
        $code = (Get-Command $Name).Parameters[$Parameter]
        $underlying = [Nullable]::GetUnderlyingType($code.ParameterType)
        $type = if ($underlying) { $underlying } else { $code.ParameterType }
        $attributes = @($code.Attributes.Where{ $_ -is [Parameter] })
        $help = Get-Help $Name -Parameter $Parameter
        $text = Get-HelpText $help.description

        $text.Length | Should -BeGreaterThan 20
        $help.type.name | Should -Be $type.FullName
        @($help.aliases -split ', *' | Where-Object { $_ -ne 'none' } | Sort-Object) | Should -Be @($code.Aliases | Sort-Object)
        "$($help.required)" | Should -Be "$($attributes.Mandatory -contains $true)".ToLowerInvariant()
        $position = $attributes.Position | Where-Object { $_ -ge 0 } | Select-Object -First 1
        $help.position | Should -Be $(if ($null -eq $position) { 'Named' } else { "$position" })
        $ways = @(
            if ($attributes.ValueFromPipeline -contains $true) { 'ByValue' }
            if ($attributes.ValueFromPipelineByPropertyName -contains $true) { 'ByPropertyName' }
        )
        $help.pipelineInput -replace '^(true|false) ?|[()]' -split ', *' | Where-Object { $_ } | Should -Be $(if ($ways) { $ways })
        $help.globbing | Should -Be "$([bool] $code.Attributes.Where{ $_ -is [SupportsWildcards] })".ToLowerInvariant()
        if ($type.IsEnum) {
            [enum]::GetNames($type) | ForEach-Object { $text | Should -MatchExactly "\b$_\b" }
        }

        # Where the code has no default of its own, the help says in words what is taken.
        $default = Get-CodeDefault $Name $Parameter
        if ($default) {
            $help.defaultValue | Should -Be $default
        }
        foreach ($variable in [regex]::Matches("$($help.defaultValue)", '\$env:(\w+)').ForEach{ $_.Groups[1].Value }) {
            (Get-Help $Name).alertSet.alert.Text -join ' ' | Should -Match $variable -Because 'the notes name all environment variables'
        }
    }
}

Describe 'The page <File>' -ForEach $pages {
    BeforeAll {
        $page = Get-Content $Path -Raw
    }

    It 'is that of a cmdlet' {
        (Get-Command ($File -replace '\.md$')).ModuleName | Should -Be K3sToken
    }

    It 'has no empty section and nothing to be filled in' {
        $page | Should -Not -Match '\{\{'
        $page | Should -Not -Match '(?m)^ms\.date'
        $sections = [regex]::Matches($page, '(?ms)^##+ (.+?)\n(.*?)(?=^##+ |\z)')
        $empty = $sections | Where-Object { -not $_.Groups[2].Value.Trim() } | ForEach-Object { $_.Groups[1].Value }
        $empty | Where-Object { $_ -notin 'SYNTAX', 'EXAMPLES', 'PARAMETERS', 'INPUTS', 'OUTPUTS' } | Should -BeNullOrEmpty
    }

    It 'links to files that are there' {
        foreach ($link in [regex]::Matches($page, '\]\((?!https:)([^)#]+)')) {
            Join-Path (Split-Path $Path) $link.Groups[1].Value | Should -Exist
        }
    }
}

Describe 'The topic <Topic>' -ForEach $topics {
    BeforeAll {
        $text = "$(Get-Help $Topic)"
    }

    It 'is found by Get-Help' {
        $text.Length | Should -BeGreaterThan 2000
        $text | Should -Match "(?m)^\s*$Topic\s*$"
    }

    It 'fits a console, and reads the same in Windows PowerShell' {
        $file = Get-Content "$root/en-US/$Topic.help.txt"
        $file | Where-Object Length -GT 76 | Should -BeNullOrEmpty
        $file | Where-Object { $_ -match '[^\x20-\x7e]' } | Should -BeNullOrEmpty
    }

    It 'names only cmdlets, parameters and topics that there are' {
        $module = Get-Command -Module K3sToken
        foreach ($name in [regex]::Matches($text, '\b[A-Z]\w+-K3s\w+').Value | Select-Object -Unique) {
            $module.Name | Should -Contain $name
        }
        $known = @($module.Parameters.Values.Name) + $module.Parameters.Values.Aliases + $common + 'AsSecureString' | Select-Object -Unique
        foreach ($name in [regex]::Matches($text, '(?<=[\s(`])-([A-Z]\w+)').ForEach{ $_.Groups[1].Value } | Select-Object -Unique) {
            $known | Should -Contain $name
        }
        foreach ($name in [regex]::Matches($text, '\babout_K3s\w+').Value | Select-Object -Unique) {
            Get-Help $name | Should -Not -BeNullOrEmpty
        }
    }
}

Describe 'The help file' {
    It 'is what the pages make, byte for byte' {
        if (-not (Get-Module Microsoft.PowerShell.PlatyPS -ListAvailable)) {
            Set-ItResult -Skipped -Because 'Microsoft.PowerShell.PlatyPS is not installed.'
        }
        $file = & "$root/docs/Build-Help.ps1" -OutputFolder "$TestDrive/built"
        $committed = (Get-FileHash "$root/en-US/$($file.Name)").Hash
        (Get-FileHash $file).Hash | Should -Be $committed -Because 'build.ps1 -Task Docs must be run after a page was changed'
    }

    It 'is staged as it stands' {
        foreach ($file in Get-ChildItem "$root/en-US") {
            (Get-FileHash (Join-Path (Find-Module) en-US $file.Name)).Hash | Should -Be (Get-FileHash $file).Hash
        }
    }
}
