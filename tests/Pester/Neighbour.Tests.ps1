# What else may be in the session: other modules, other runspaces, another language, a stricter mode. Each test has sessions of its own.
BeforeDiscovery {
    $isCore = $PSVersionTable.PSEdition -eq 'Core'
    $platyPS = Get-Module Microsoft.PowerShell.PlatyPS -ListAvailable | Select-Object -First 1
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $manifest = Join-Path (Find-Module) K3sToken.psd1
    $bin = Split-Path (Get-Command New-K3sTokenValue).DLL
    $sandbox = Start-Sandbox '--cleaner', 'off'
    $env:K3S_URL = Get-KubeconfigValue server
    $dataDir = Join-Path $sandbox.Folder data/server-1

    # Runs a script in a new PowerShell, whose working directory is this test's; returns the lines that it wrote. It can say $manifest,
    # $dataDir and $bin, and Use-Everything.
    function Invoke-Session([string] $Script, [hashtable] $Environment = @{}) {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
        Set-Content $file "param(`$manifest, `$dataDir, `$bin)`n`$ErrorActionPreference = 'Stop'`n. '$PSScriptRoot/Everything.ps1'`n$Script"
        $before = @($Environment.Keys | ForEach-Object { Get-Item "env:$_" -ErrorAction Ignore })
        $Environment.Keys | ForEach-Object { Set-Item "env:$_" $Environment[$_] }
        Push-Location $TestDrive
        try {
            $said = & (Get-Process -Id $PID).Path -NoLogo -NoProfile -NonInteractive -File $file $manifest $dataDir $bin 2>&1 | ForEach-Object ToString
            if ($LASTEXITCODE -ne 0) {
                throw "The session ended with $LASTEXITCODE. It said: $($said -join "`n")"
            }

            $said
        }
        finally {
            Pop-Location
            $Environment.Keys | ForEach-Object { Remove-Item "env:$_" }
            $before | ForEach-Object { Set-Item "env:$($_.Name)" $_.Value }
        }
    }

    # What Use-Everything says in a session that has nothing else in it.
    $expected = Invoke-Session 'Import-Module $manifest; Use-Everything $dataDir'

    # Another build of an assembly, whose references to its own kind are of the same version. Its code and its key stay.
    function Copy-Assembly([string] $Path, [string] $Destination, [version] $Version) {
        $bytes = [IO.File]::ReadAllBytes($Path)
        $file = [Reflection.PortableExecutable.PEReader]::new([Collections.Immutable.ImmutableArray]::Create($bytes))
        $metadata = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($file)
        $tables = [Reflection.Metadata.Ecma335.MetadataReaderExtensions]
        $start = $file.PEHeaders.MetadataStartOffset
        $versions = @($start + $tables::GetTableMetadataOffset($metadata, 'Assembly') + 4)
        $row = $start + $tables::GetTableMetadataOffset($metadata, 'AssemblyRef')
        foreach ($reference in $metadata.AssemblyReferences) {
            if ($metadata.GetString($metadata.GetAssemblyReference($reference).Name) -like 'K3sToken.*') {
                $versions += $row
            }

            $row += $tables::GetTableRowSize($metadata, 'AssemblyRef')
        }

        $number = @($Version.Major, $Version.Minor, $Version.Build, $Version.Revision | ForEach-Object { [BitConverter]::GetBytes([uint16] $_) })
        $versions | ForEach-Object { $number.CopyTo($bytes, $_) }
        # By its identity .NET would know that it is the same.
        [guid]::NewGuid().ToByteArray().CopyTo($bytes, $start + $tables::GetHeapMetadataOffset($metadata, 'Guid'))
        $null = New-Item (Split-Path $Destination) -ItemType Directory -Force
        [IO.File]::WriteAllBytes($Destination, $bytes)
    }

    # A line that a session writes for each assembly of a name: its version and file.
    $listing = 'function Show-Assembly($Name) { [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq $Name } | ' +
        'ForEach-Object { "$($_.GetName().Version) $($_.Location)" } }'
}

AfterAll {
    Remove-Item env:K3S_URL
    Stop-Sandbox $sandbox
}

Describe 'Everything' {
    It 'is used' {
        $expected | Should -Contain 'Succeeded: True, True, True, True, True'
        $expected | Should -Contain 'InvalidTokenFormat,K3sToken.PowerShell.Commands.ConvertFromTokenCommand'
    }
}

Describe 'Another module that has loaded <name> <version>' -Skip:(-not $isCore) -ForEach @(
    @{ name = 'YamlDotNet'; version = '1.0.0.0' }
    @{ name = 'YamlDotNet'; version = '99.0.0.0' }
    @{ name = 'System.Text.Json'; version = '1.0.0.0' }
    @{ name = 'System.Text.Json'; version = '99.0.0.0' }
) {
    BeforeAll {
        $theirs = Join-Path $TestDrive "their-$version/$name.dll"
        Copy-Assembly (Join-Path (Split-Path $bin) "Desktop/deps/$name.dll") $theirs $version
        # Where .NET has an assembly of that name itself, a module can have another one only apart.
        $load = if ($name -eq 'YamlDotNet') { "[Reflection.Assembly]::LoadFrom('$theirs')" } else { "[Reflection.Assembly]::LoadFile('$theirs')" }
        $ours = Join-Path $bin "deps/$name.dll"
    }

    It 'is no harm to ours' {
        if ($name -eq 'YamlDotNet' -and $version -eq '99.0.0.0' -and (Test-FrameworkBuild)) {
            Set-ItResult -Skipped -Because '.NET takes a newer version for the one that is asked for; .NET Framework, for which this build is, does not'
        }

        $said = Invoke-Session "$listing; `$null = $load; Import-Module `$manifest; Use-Everything `$dataDir; Show-Assembly $name"
        $said | Where-Object { $_ -notlike '*.dll' } | Should -Be $expected
        $said | Should -Contain "$version $theirs"
        if (Test-Path $ours) {
            @($said -like "* $ours") | Should -HaveCount 1
        }
    }

    It 'gets its own after ours' {
        $said = Invoke-Session "$listing; Import-Module `$manifest; Use-Everything `$dataDir; $load.Location; Use-Everything `$dataDir"
        $said | Where-Object { $_ -ne $theirs } | Should -Be ($expected + $expected)
        $said | Should -Contain $theirs
    }
}

Describe 'PlatyPS, which brings a YamlDotNet' {
    It 'works beside ours, whichever was first: <first>' -Skip:(-not $platyPS) -ForEach @(
        @{ first = 'PlatyPS'; script = 'Use-PlatyPS; Import-Module $manifest; Use-Everything $dataDir' }
        @{ first = 'ours'; script = 'Import-Module $manifest; Use-Everything $dataDir; Use-PlatyPS' }
    ) {
        $use = 'function Use-PlatyPS { Import-Module Microsoft.PowerShell.PlatyPS; ' +
            '(New-MarkdownCommandHelp -CommandInfo (Get-Command Get-Random) -OutputFolder . -Force 6>$null).FullName | Import-MarkdownCommandHelp | ForEach-Object Title }'
        $said = Invoke-Session "$use; $script"
        $said | Where-Object { $_ -ne 'Get-Random' } | Should -Be $expected
        $said | Should -Contain 'Get-Random'
    }
}

Describe 'Whatever is asked for by others' -Skip:(-not $isCore) {
    It 'is not served from our folders: <what>' -ForEach @(
        @{ what = 'by name'; ask = "[Reflection.Assembly]::Load('YamlDotNet')" }
        @{ what = 'by a file beside our folder'; ask = '[Reflection.Assembly]::LoadFile("$bin-other/K3sToken.Yaml.dll").GetTypes()' }
    ) {
        $copy = Join-Path $TestDrive "module-$([guid]::NewGuid())"
        Copy-Item (Split-Path $manifest) $copy -Recurse -Force
        $copied = Join-Path $copy bin | Join-Path -ChildPath (Split-Path $bin -Leaf)
        $null = New-Item "$copied-other" -ItemType Directory -Force
        Copy-Item "$copied/deps/K3sToken.Yaml.dll" "$copied-other"
        $said = Invoke-Session @"
            `$bin = '$copied'
            Import-Module '$copy/K3sToken.psd1'
            Use-Everything `$dataDir
            try { $ask | Out-Null; 'it was served' } catch { `$_.Exception.GetBaseException().GetType().Name }
"@
        $said[-1] | Should -BeIn 'FileNotFoundException', 'ReflectionTypeLoadException'
        $said[0..($said.Count - 2)] | Should -Be $expected
    }
}

Describe 'Another version of this module' -Skip:(-not $isCore) {
    BeforeAll {
        $another = Join-Path $TestDrive K3sToken/99.0.0
        Copy-Item (Split-Path $manifest) $another -Recurse
        Get-ChildItem $another -Recurse -Filter K3sToken.*.dll | ForEach-Object { Copy-Assembly $_.FullName $_.FullName 99.0.0.0 }
        $text = (Get-Content "$another/K3sToken.psd1" -Raw) -replace "(ModuleVersion\s*= )'.*?'", "`$1'99.0.0'"
        Set-Content "$another/K3sToken.psd1" $text
        $version = (Get-Module K3sToken).Version
    }

    It 'works in a session of its own' {
        $said = Invoke-Session "Import-Module '$another/K3sToken.psd1'; Use-Everything `$dataDir; (Get-Command New-K3sTokenValue).Version.ToString()"
        $said | Should -Be ($expected + '99.0.0')
    }

    It 'cannot be had in a session that has one: an error says so, and the first goes on' {
        $said = Invoke-Session @"
            Import-Module `$manifest
            try { Import-Module '$another/K3sToken.psd1'; 'no error' } catch { "`$_" }
            Use-Everything `$dataDir
            (Get-Command New-K3sTokenValue).Version.ToString()
"@
        ($said -join "`n").IndexOf(($expected -join "`n")) | Should -BeGreaterThan 0
        "$said" | Should -Match 'already (loaded|present)'
        $said[-1] | Should -Be $version
    }

    It 'cannot be had in another runspace of such a session either' {
        $said = Invoke-Session @"
            Import-Module `$manifest
            `$other = [powershell]::Create().AddScript("Import-Module '$another/K3sToken.psd1'")
            `$null = `$other.Invoke()
            "`$(`$other.Streams.Error)"
            Use-Everything `$dataDir
"@
        $said[0] | Should -BeLike '*K3sToken.PowerShell, Version=99.0.0*already loaded*'
        $said[1..$said.Count] | Should -Be $expected
    }
}

Describe 'Remove-Module' {
    It 'takes the cmdlets away, and import brings them back as they were' {
        $said = Invoke-Session @'
            foreach ($round in 1..3) {
                Import-Module $manifest
                Use-Everything $dataDir
                Remove-Module K3sToken
                "left: $((Get-Command *-K3s* -Module K3sToken).Count)"
            }

            Import-Module $manifest
            Import-Module $manifest -Force
            Use-Everything $dataDir
'@
        $said | Where-Object { $_ -notlike 'left:*' } | Should -Be ($expected * 4)
        $said -like 'left:*' | Should -Be 'left: 0', 'left: 0', 'left: 0'
    }

    It 'leaves the requests of other runspaces alone' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $silent = (Get-Content $env:KUBECONFIG -Raw) -replace 'server: \S+', "server: https://127.0.0.1:$($listener.LocalEndpoint.Port)"
            Set-Content (Join-Path $TestDrive silent.yaml) $silent
            $said = Invoke-Session @'
                Import-Module $manifest
                $import = "Import-Module '$manifest'"
                $waiting = [powershell]::Create().AddScript("$import; Get-K3sBootstrapToken -Kubeconfig ./silent.yaml -TimeoutSec 4")
                $result = $waiting.BeginInvoke()
                Start-Sleep -Milliseconds 1500
                [powershell]::Create().AddScript("$import; New-K3sTokenValue -AsPlainText | Out-Null; Remove-Module K3sToken").Invoke()
                Remove-Module K3sToken
                $null = $waiting.EndInvoke($result)
                $waiting.Streams.Error.FullyQualifiedErrorId
'@
            $said | Should -Be 'OperationTimedOut,K3sToken.PowerShell.Commands.GetBootstrapTokenCommand'
        }
        finally {
            $listener.Stop()
        }
    }
}

Describe 'Many runspaces' -Skip:(-not $isCore) {
    AfterEach {
        Get-StoredToken | Remove-StoredToken
    }

    It 'create, list, change and remove tokens at the same time: ForEach-Object -Parallel' {
        $said = Invoke-Session @'
            1..24 | ForEach-Object -Parallel {
                Import-Module $using:manifest
                $token = New-K3sBootstrapToken -Description "job $_"
                $token | Set-K3sBootstrapToken -Ttl 3h
                $found = Get-K3sBootstrapToken $token.Id
                $found | Remove-K3sBootstrapToken
                $found.Description
                if ($_ % 3 -eq 0) { Remove-Module K3sToken }
            } -ThrottleLimit 8
'@
        $said | Sort-Object | Should -Be (1..24 | ForEach-Object { "job $_" } | Sort-Object)
        Get-StoredToken | Should -BeNullOrEmpty
    }

    It 'create, list, change and remove tokens at the same time: thread jobs' -Skip:(-not (Get-Command Start-ThreadJob -ErrorAction Ignore)) {
        $said = Invoke-Session @'
            1..12 | ForEach-Object {
                Start-ThreadJob -ThrottleLimit 6 -ArgumentList $manifest, $_ {
                    param($manifest, $number)
                    Import-Module $manifest
                    New-K3sBootstrapToken -Description "job $number" | Set-K3sBootstrapToken -Ttl 3h -PassThru | ForEach-Object Description
                }
            } | Receive-Job -Wait -AutoRemoveJob
'@
        $said | Sort-Object | Should -Be (1..12 | ForEach-Object { "job $_" } | Sort-Object)
        @(Get-StoredToken) | Should -HaveCount 12
    }
}

Describe 'Modes' {
    It 'strict: nothing to complain about' {
        Invoke-Session 'Set-StrictMode -Version Latest; Import-Module $manifest; Use-Everything $dataDir' | Should -Be $expected
    }

    It 'constrained language: a trusted module works' {
        $said = Invoke-Session @'
            Import-Module $manifest
            $ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
            # A function that is there already keeps the language of its time.
            . $env:EVERYTHING
            "$($ExecutionContext.SessionState.LanguageMode)"
            Use-Everything $dataDir
'@ @{ EVERYTHING = "$PSScriptRoot/Everything.ps1" }
        $said[0] | Should -BeExactly 'ConstrainedLanguage'
        # A policy would trust the view as it trusts the module. Without one it may not call the method that says <forever>.
        $said[1..$said.Count] -replace '[\s-]+', ' ' | Should -Be ($expected -replace '<forever>' -replace '[\s-]+', ' ')
    }

    It 'constrained language: what a script may not do, it still may not' {
        Invoke-Session @'
            Import-Module $manifest
            $ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
            try { [K3sToken.BootstrapToken].GetProperties() } catch { $_.FullyQualifiedErrorId }
'@ | Should -Be 'MethodInvocationNotSupportedInConstrainedLanguage'
    }
}

Describe 'The culture <culture>' -ForEach @(
    @{ culture = 'de-DE' }
    @{ culture = 'tr-TR' }
    @{ culture = 'ar-SA' }
) {
    It 'of the session changes nothing of what is done or said' {
        $said = Invoke-Session "[cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = '$culture'; [cultureinfo]::CurrentCulture.Name
            Import-Module `$manifest; Use-Everything `$dataDir"
        $said[0] | Should -Be $culture
        $said[1..$said.Count] | Should -Be $expected
    }

    It 'of the system changes nothing of what is done or said' -Skip:($env:OS -eq 'Windows_NT') {
        $said = Invoke-Session '[cultureinfo]::CurrentCulture.Name; Import-Module $manifest; Use-Everything $dataDir' @{
            LC_ALL = "$($culture -replace '-', '_').UTF-8"
        }
        $said[0] | Should -Be $culture
        $said[1..$said.Count] | Should -Be $expected
    }
}

Describe 'A transcript' {
    It 'holds no secret, however much is said' {
        $said = Invoke-Session @'
            Import-Module $manifest
            $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
            Start-Transcript ./transcript.txt -IncludeInvocationHeader | Out-Null
            $token = New-K3sBootstrapToken -Description written -Ttl 1h
            $token
            $token | Format-List *
            $token | Set-K3sBootstrapToken -Ttl 2h -PassThru -WhatIf
            Get-K3sBootstrapToken -IncludeSecret
            Get-K3sBootstrapToken -IncludeSecret | Format-List *
            Test-K3sToken $token.Token | Format-List *
            ConvertFrom-K3sToken $token.Token
            Get-K3sServerToken -DataDir $dataDir | Format-List *
            New-K3sTokenValue
            try { New-K3sBootstrapToken $token.ShortToken } catch { $_; $_.FullyQualifiedErrorId }
            Stop-Transcript | Out-Null
            "secret: $(($token | Get-K3sBootstrapToken -AsPlainText).ShortToken.Substring(7))"
            "secret: $((Get-K3sServerToken -DataDir $dataDir -AsPlainText).Secret)"
            $token | Remove-K3sBootstrapToken
'@ 4>$null 5>$null
        $secrets = @($said -match '^secret: ' -replace '^secret: ')
        $secrets | Should -HaveCount 2
        $secrets | Should -Not -Contain ''
        $transcript = Get-Content (Join-Path $TestDrive transcript.txt) -Raw
        $transcript | Should -BeLike '*written*'
        $transcript | Should -BeLike '*TokenAlreadyExists*'
        foreach ($secret in $secrets) {
            $transcript.IndexOf($secret, [StringComparison]::OrdinalIgnoreCase) | Should -Be -1
        }
    }
}

Describe 'The session' {
    It 'is as it was before, once the module is imported and was used' {
        $said = Invoke-Session @'
            function Get-State {
                Get-Fact | Where-Object { $_ }
            }

            function Get-Fact {
                'alias', 'variable', 'env', 'function' | ForEach-Object { $drive = $_; (Get-ChildItem "${drive}:").Name | ForEach-Object { "$drive $_" } }
                (Get-PSDrive).Name
                (Get-PSProvider).Name
                $PSDefaultParameterValues.Keys
                [cultureinfo]::CurrentCulture.Name, [cultureinfo]::CurrentUICulture.Name, "$([cultureinfo]::DefaultThreadCurrentCulture)"
                "$([Console]::OutputEncoding.WebName) $([Console]::InputEncoding.WebName) $OutputEncoding"
                $points = [Net.ServicePointManager]
                "$($points::SecurityProtocol) $($points::DefaultConnectionLimit) $($points::Expect100Continue) $($points::UseNagleAlgorithm)"
                "$($points::MaxServicePointIdleTime) $($points::CheckCertificateRevocationList) $($points::ServerCertificateValidationCallback)"
                [Net.WebRequest]::DefaultWebProxy.GetHashCode()
                if ($PSVersionTable.PSEdition -eq 'Core') {
                    $json = [Text.Json.JsonSerializerOptions]::Default
                    "$($json.PropertyNamingPolicy) $($json.PropertyNameCaseInsensitive) $($json.MaxDepth) $($json.Converters.Count)"
                }

                (Get-EventSubscriber).SourceIdentifier
                "$(Get-Location) $([Environment]::CurrentDirectory)"
            }

            $name = $state = $said = $before = $after = $null
            $before = @(Get-State)
            $before = @(Get-State)
            Import-Module $manifest
            $said = Use-Everything $dataDir
            $after = @(Get-State)
            Compare-Object $before $after | ForEach-Object { "$($_.SideIndicator) $($_.InputObject)" }
            "used: $($said.Count -gt 20)"
'@
        $said | Should -Be 'used: True'
    }

    It 'has no public type of ours outside of our namespace' {
        $said = Invoke-Session @'
            Import-Module $manifest
            $null = Use-Everything $dataDir
            [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -like 'K3sToken*' } | ForEach-Object {
                $assembly = $_.GetName().Name
                $_.GetExportedTypes() | Where-Object { $_.FullName -notmatch '^K3sToken\.' } | ForEach-Object FullName
                "looked at $assembly"
            }
'@
        $said | Sort-Object | Should -Be 'looked at K3sToken.Core', 'looked at K3sToken.PowerShell', 'looked at K3sToken.Yaml'
    }
}
