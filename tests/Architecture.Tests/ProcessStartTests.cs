using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Suture.Tests;

namespace Suture.Architecture.Tests;

/// <summary>Who can start a program, read from the compiled code: no search in the sources would see through an alias or a delegate.</summary>
public sealed class ProcessStartTests
{
    /// <summary>Functions of the C library that put another program in place of, or beside, this one.</summary>
    private static readonly HashSet<string> NativeStarts =
        ["execl", "execle", "execlp", "execv", "execve", "execveat", "execvp", "execvpe", "fexecve", "fork", "vfork", "clone", "clone3", "posix_spawn", "posix_spawnp", "system", "popen", "syscall", "dlopen"];

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    [Fact]
    public void Agent_ProgramsAreStartedInOnePlace()
    {
        Assert.Equal(["Suture.Agent.Platforms.Linux.ProcessRunner"], Starters("Suture.Agent", "suture-agent"));
        // Replacing its own image by the newer file of the same name is the only other way.
        Assert.Equal(["Suture.Agent.Platforms.Linux.Native", "Suture.Agent.Platforms.Linux.OwnImage"], NativeStarters("Suture.Agent", "suture-agent"));
    }

    [Theory]
    [InlineData("Suture.Collect")]
    [InlineData("Suture.Contracts")]
    [InlineData("Suture.Knowledge")]
    public void WhatTheAgentIsMadeOf_StartsNothing(string assembly)
    {
        Assert.Empty(Starters("Suture.Agent", assembly));
        Assert.Empty(NativeStarters("Suture.Agent", assembly));
    }

    [Fact]
    public void Server_ProgramsAreStartedForTheArchivesSignatureTheFirstLookAndTheLocalAgentOnly()
    {
        var starters = HouseAssemblies("Suture.Server").SelectMany(assembly => Starters("Suture.Server", assembly));

        Assert.Equal(["Suture.Advisories.Archive.Gpgv", "Suture.Server.Commands.FirstLook", "Suture.Server.Commands.LocalAgent"], starters.Order(StringComparer.Ordinal));
        Assert.Empty(HouseAssemblies("Suture.Server").SelectMany(assembly => NativeStarters("Suture.Server", assembly)));
    }

    // The control: each way is found, also through a delegate, inside a lambda and in an async method.
    [Fact]
    public void Starters_PlantedOnes_AreFound() => Assert.Equal(
        [typeof(PlantedStarts.Async).FullName, typeof(PlantedStarts.Delegate).FullName, typeof(PlantedStarts.Lambda).FullName, typeof(PlantedStarts.Plain).FullName],
        StartersIn(typeof(PlantedStarts).Assembly.Location).Where(type => type.Contains("Planted", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    private static IEnumerable<string> HouseAssemblies(string project) =>
        Directory.GetFiles(Folder(project), "*.dll").Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => name.StartsWith("Suture.", StringComparison.Ordinal) || name == "suture-server");

    private static List<string> Starters(string project, string assembly) => StartersIn(Path.Combine(Folder(project), assembly + ".dll"));

    private static List<string> StartersIn(string path) => Users(path, (reader, handle) => handle.Kind == HandleKind.MemberReference && IsStart(reader, reader.GetMemberReference((MemberReferenceHandle)handle)));

    /// <summary>Who declares such a function, and who calls that type's methods around it: the generated one that makes C strings of ours, and the type's own.</summary>
    private static List<string> NativeStarters(string project, string assembly)
    {
        var path = Path.Combine(Folder(project), assembly + ".dll");
        bool IsStart(MetadataReader reader, EntityHandle handle) =>
            handle.Kind == HandleKind.MethodDefinition && IsNativeStart(reader, reader.GetMethodDefinition((MethodDefinitionHandle)handle));
        var wrappers = Methods(path, IsStart);
        var declaring = Users(path, IsStart);
        for (var known = 0; known < wrappers.Count;)
        {
            known = wrappers.Count;
            wrappers.UnionWith(Methods(path, (_, handle) => wrappers.Contains(handle), declaring));
        }
        return Users(path, (reader, handle) => IsStart(reader, handle) || wrappers.Contains(handle));
    }

    private static bool IsStart(MetadataReader reader, MemberReference member)
    {
        if (member.Parent.Kind != HandleKind.TypeReference)
        {
            return false;
        }
        var type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
        var name = $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        return (name == "System.Diagnostics.Process" && reader.GetString(member.Name) is "Start" or ".ctor")
            || (name == "System.Diagnostics.ProcessStartInfo" && reader.GetString(member.Name) == ".ctor");
    }

    private static bool IsNativeStart(MetadataReader reader, MethodDefinition method) =>
        (method.Attributes & System.Reflection.MethodAttributes.PinvokeImpl) != 0 && NativeStarts.Contains(reader.GetString(method.GetImport().Name).TrimStart('_'));

    /// <summary>Full names of the outermost types with code that uses what is asked for, or that declare it.</summary>
    private static List<string> Users(string path, Func<MetadataReader, EntityHandle, bool> isUsed)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return [.. Methods(path, isUsed).Select(method => Outermost(reader, reader.GetMethodDefinition((MethodDefinitionHandle)method).GetDeclaringType())).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Methods with code that uses what is asked for, or that are it.</summary>
    private static HashSet<EntityHandle> Methods(string path, Func<MetadataReader, EntityHandle, bool> isUsed, IReadOnlyList<string>? within = null)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var methods = reader.MethodDefinitions.Where(handle => within is null || within.Contains(Outermost(reader, reader.GetMethodDefinition(handle).GetDeclaringType())));
        return [.. methods.Where(handle =>
            isUsed(reader, handle) || (reader.GetMethodDefinition(handle).RelativeVirtualAddress is not 0 and var code
                && Operands(file.GetMethodBody(code)).Any(operand => isUsed(reader, Plain(reader, operand))))).Select(handle => (EntityHandle)handle)];
    }

    private static EntityHandle Plain(MetadataReader reader, EntityHandle handle) =>
        handle.Kind == HandleKind.MethodSpecification ? reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method : handle;

    // A local function, a lambda and the state of an async method are compiled into types within the one that they were written in.
    private static string Outermost(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var outer = type.GetDeclaringType();
        var name = reader.GetString(type.Name);
        return outer.IsNil ? $"{reader.GetString(type.Namespace)}.{name}"
            : name.StartsWith('<') ? Outermost(reader, outer)
            : $"{Outermost(reader, outer)}+{name}";
    }

    private static IEnumerable<EntityHandle> Operands(MethodBodyBlock body)
    {
        var code = body.GetILReader();
        var operands = new List<EntityHandle>();
        while (code.RemainingBytes > 0)
        {
            var first = code.ReadByte();
            var opCode = Codes[first == 0xfe ? unchecked((short)(0xfe00 | code.ReadByte())) : first];
            switch (opCode.OperandType)
            {
                case OperandType.InlineMethod or OperandType.InlineTok:
                    operands.Add(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += sizeof(int) * targets;
                    break;
                default:
                    code.Offset += Size(opCode.OperandType);
                    break;
            }
        }
        return operands;
    }

    private static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private static string Folder(string project) => Directory.GetDirectories(Path.Combine(TestPaths.Repository, "out", "build", "bin", project), "debug*").Single();
}

#pragma warning disable RS0030 // what is banned is what the scan must find
/// <summary>What the scan must find.</summary>
internal static class PlantedStarts
{
    internal sealed class Plain
    {
        public static void Go() => System.Diagnostics.Process.Start("/bin/true");
    }

    internal sealed class Delegate
    {
        public static Func<string, System.Diagnostics.Process> Go() => System.Diagnostics.Process.Start;
    }

    internal sealed class Lambda
    {
        public static Action Go(string program) => () => _ = new System.Diagnostics.ProcessStartInfo(program);
    }

    internal sealed class Async
    {
        public static async Task GoAsync()
        {
            await Task.Yield();
            using var process = new System.Diagnostics.Process();
        }
    }
}
